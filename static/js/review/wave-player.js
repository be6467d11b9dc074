// <opic-wave-player seconds lazy>: one's own answer as a picture that plays. A slider for keys and screen readers, a canvas
// for the eye, a speed. Its length is the server's, so it stands there before a byte is loaded; `lazy` loads when it is
// first played. Without script, or where the sound cannot be loaded, the browser's own controls stay.
import { OpicElement } from "opic/shared/element";
import { decode, peaks } from "opic/shared/preview";
import { Waveform } from "opic/shared/waveform";
import { minutes } from "opic/shared/words";

const STEP = 5; // seconds a key
const OWN = ["keydown", "change", "pointerdown", "pointermove"];
const OF_AUDIO = ["timeupdate", "playing", "pause", "ended", "loadedmetadata", "seeked"];

class WavePlayer extends OpicElement {
  actions = { toggle: () => this.toggle() };

  connectedCallback() {
    super.connectedCallback();
    this.audio = this.querySelector("audio");
    this.slider = this.querySelector("[role=slider]");
    this.open();
    if (this.hasAttribute("lazy")) return;
    this.seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.load());
    this.seen.observe(this);
  }

  /** A swap that keeps this element moves it: what plays goes on. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    super.disconnectedCallback();
    // where elements cannot be moved, a swap takes this one out and puts it back at once
    setTimeout(() => this.isConnected || this.audio.pause());
    for (const watcher of [this.seen, this.sizes]) watcher?.disconnect();
    for (const wave of [this.wave, this.played]) wave.close();
  }

  async load() {
    this.seen?.disconnect();
    if (this.samples || this.isLoading) return;
    this.isLoading = true;
    try {
      const response = await fetch(this.audio.src);
      if (!response.ok) return this.fail(response.status >= 500 ? "away" : "fault");
      this.samples = await decode([[await response.arrayBuffer()]]);
    } catch {
      return this.fallBack(); // no network: the browser's own controls say so
    } finally {
      this.isLoading = false;
    }
    if (!this.samples) return this.fallBack();
    if (this.isConnected) this.draw();
    this.time();
  }

  fail(part) {
    this.audio.hidden = true;
    this.part("stage").hidden = true;
    this.part(part).hidden = false;
  }

  fallBack() {
    this.audio.controls = true;
    this.part("stage").hidden = true;
  }

  open() {
    this.audio.controls = false;
    this.part("stage").hidden = false;
    this.wave = new Waveform(this.part("whole"));
    this.played = new Waveform(this.part("played"));
    this.listenTo(this, OWN);
    this.listenTo(this.audio, OF_AUDIO);
    this.sizes = new ResizeObserver(() => this.draw()); // calls once by itself
    this.sizes.observe(this.part("whole"));
    this.time();
  }

  draw() {
    if (!this.samples) return;
    const bars = peaks(this.samples, this.wave.room);
    this.wave.show(bars);
    this.played.show(bars);
  }

  handleEvent(event) {
    const { type, target, key } = event;
    if (type === "keydown") return target === this.slider && this.press(event, key);
    if (type === "pointerdown" || type === "pointermove") return this.point(event);
    if (type === "change") return (this.audio.playbackRate = Number(target.value));
    this.time();
  }

  toggle() {
    this.load();
    if (this.audio.paused) this.audio.play().catch(() => {});
    else this.audio.pause();
  }

  get length() {
    const { duration } = this.audio;
    return Number.isFinite(duration) ? duration : Number(this.getAttribute("seconds"));
  }

  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.length);
  }

  /** A press takes the place there; held, it goes along. */
  point({ type, target, clientX, pointerId, buttons }) {
    if (!target.closest("[role=slider]") || !buttons) return;
    if (type === "pointerdown") this.slider.setPointerCapture(pointerId);
    const { left, width } = this.slider.getBoundingClientRect();
    this.seek((this.length * (clientX - left)) / width);
  }

  press(event, key) {
    const { currentTime } = this.audio;
    const to = {
      ArrowRight: currentTime + STEP,
      ArrowLeft: currentTime - STEP,
      Home: 0,
      End: this.length,
    }[key];
    if (key === " " || key === "Enter") this.toggle();
    else if (to === undefined) return;
    else this.seek(to);
    event.preventDefault();
  }

  time() {
    const { currentTime, paused } = this.audio;
    const share = this.length ? currentTime / this.length : 0;
    const text = `${minutes(currentTime)} / ${minutes(this.length)}`;
    this.dataset.state = paused ? "paused" : "playing";
    this.part("time").textContent = text;
    this.part("played").style.clipPath = `inset(0 ${100 - 100 * share}% 0 0)`;
    this.slider.setAttribute("aria-valuemax", Math.round(this.length));
    this.slider.setAttribute("aria-valuenow", Math.round(currentTime));
    this.slider.setAttribute("aria-valuetext", text);
  }
}

customElements.define("opic-wave-player", WavePlayer);
