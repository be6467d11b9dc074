// Hearing a take before it is sent: the one button plays and pauses, the wave is the place in it, by finger and by key.
import { chunksOf } from "opic/outbox/outbox-store";
import { setAudioSession } from "opic/recorder/microphone";
import { loudness, peaks } from "opic/shared/preview";
import { minutes } from "opic/shared/words";

const STEP = 5; // seconds a key
const OF_AUDIO = ["timeupdate", "playing", "pause", "ended", "seeked"];

export class Listening {
  constructor(host) {
    this.host = host;
    this.view = host.view;
    this.audio = this.view.preview.audio;
    this.place = host.part("place");
    host.listenTo(this.audio, OF_AUDIO, () => this.show());
    host.listenTo(this.place, ["keydown", "pointerdown", "pointermove"], this);
  }

  /** Makes the take listenable. Submitting does not wait for this. */
  async prepare(row, segments) {
    const { host, view } = this;
    view.disable("listen", true);
    const samples = await view.preview.load(segments ?? (await chunksOf(row)), row.mime);
    if (host.row !== row) return;
    view.disable("listen", false);
    this.open();
    if (!samples) return;
    view.wave.show(peaks(samples, view.wave.room));
    const level = loudness(samples);
    if (host.state === "recorded" && level !== "fine") view.warn(`was-${level}`);
  }

  async toggle() {
    setAudioSession("playback");
    if (!this.audio.paused) return this.audio.pause();
    await this.audio
      .play()
      .catch(({ name }) => name !== "AbortError" && this.view.warn("cannot-play"));
  }

  open() {
    this.place.setAttribute("role", "slider");
    this.place.tabIndex = 0;
    this.show();
  }

  close() {
    this.host.dataset.plays = "";
    for (const name of ["role", "tabindex", "aria-valuenow", "aria-valuetext", "aria-valuemax"])
      this.place.removeAttribute(name);
  }

  get length() {
    return this.audio.duration || 0;
  }

  show() {
    if (!this.place.hasAttribute("role")) return;
    const { currentTime, paused } = this.audio;
    this.host.dataset.plays = paused ? "" : "now";
    this.view.heard(this.length ? currentTime / this.length : 0);
    this.place.setAttribute("aria-valuemax", Math.round(this.length));
    this.place.setAttribute("aria-valuenow", Math.round(currentTime));
    this.place.setAttribute("aria-valuetext", `${minutes(currentTime)} / ${minutes(this.length)}`);
  }

  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.length);
  }

  handleEvent(event) {
    if (!this.place.hasAttribute("role")) return;
    if (event.type === "keydown") return this.press(event);
    const { type, clientX, pointerId, buttons } = event;
    if (!buttons) return;
    if (type === "pointerdown") this.place.setPointerCapture(pointerId);
    const { left, width } = this.place.getBoundingClientRect();
    this.seek((this.length * (clientX - left)) / width);
  }

  press(event) {
    const { currentTime } = this.audio;
    const to = {
      ArrowRight: currentTime + STEP,
      ArrowLeft: currentTime - STEP,
      Home: 0,
      End: this.length,
    }[event.key];
    if (event.key === " " || event.key === "Enter") this.toggle();
    else if (to === undefined) return;
    else this.seek(to);
    event.preventDefault();
  }
}
