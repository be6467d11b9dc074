// <opic-recorder>: one answer after the other, from the microphone into the outbox. States, in data-state:
//   idle -> asking -> starting -> recording <-> paused -> stopping -> recorded -> sending -> saved | failed
import { Capture } from "opic/recorder/capture";
import { newDraft } from "opic/recorder/drafts";
import { Submission } from "opic/recorder/submission";
import { audioContext } from "opic/recorder/microphone";
import { Listening } from "opic/recorder/listening";
import { chunksOf, drop, isOnlyInMemory } from "opic/outbox/outbox-store";
import { OpicElement } from "opic/shared/element";
import { RecorderView } from "opic/recorder/recorder-view";
import { watchVoice } from "opic/recorder/voice-watch";
import { discard } from "opic/outbox/upload-queue";

const LIVE = new Set(["recording", "paused", "stopping"]);
const TICK = 200;
const LITTLE_ROOM = 3_000_000; // bytes; a long answer

class Recorder extends OpicElement {
  actions = {
    record: () => this.record(),
    pause: () => this.pause(),
    resume: () => this.resume(),
    stop: () => this.stop(),
    listen: () => this.listening.toggle(),
    submit: () => this.submission.submit(),
    discard: () => this.discard(),
  };

  connectedCallback() {
    super.connectedCallback();
    this.view = new RecorderView(this);
    this.tickets = JSON.parse(this.getAttribute("tickets") || "[]");
    this.typical = (this.getAttribute("typical") || "0-Infinity").split("-").map(Number);
    this.limit = (Number(this.getAttribute("max-seconds")) || Infinity) * 1000;
    this.listening = new Listening(this);
    this.submission = new Submission(this);
    this.listenTo(document, "visibilitychange");
    this.timer = setInterval(() => this.tick(), TICK);
    this.show("idle");
    this.submission.recover();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.submission.close();
    clearInterval(this.timer);
    removeEventListener("beforeunload", this);
    this.capture?.finish();
    this.forget();
    this.view.close();
  }

  handleEvent(event) {
    if (event.type === "beforeunload") return event.preventDefault();
    this.capture?.flush();
  }

  show(state, more) {
    this.state = state;
    this.view.show(state, more);
    // what is in the outbox survives the page; what is being said, or did not fit on the disk, does not
    const isAtRisk = LIVE.has(state) || isOnlyInMemory();
    (isAtRisk ? addEventListener : removeEventListener)("beforeunload", this);
    this.dispatchEvent(new CustomEvent("recorder:state", { bubbles: true, detail: { state } }));
  }

  tick() {
    if (this.state !== "recording") return;
    this.view.time(this.capture.elapsed / 1000, this.typical);
    if (this.capture.elapsed >= this.limit) this.stop("max");
  }

  /** A warning that stays; the others come and go above it. */
  warnLasting(key) {
    if (this.lastingWarning !== key) this.view.warn((this.lastingWarning = key));
  }

  async record() {
    if (this.row?.keep === false) discard(this.row.key); // worthless, and the person has read why
    this.forget();
    this.show("asking");
    Object.assign(this, await newDraft(this, this.tickets));
    const { row } = this;
    this.capture = new Capture(row, {
      started: () => this.show("starting"),
      lost: (reason) => this.lost(reason),
      silence: (is) => this.view.warn(is ? "silence" : this.lastingWarning),
      stored: () => isOnlyInMemory(row.key) && this.warnLasting("full"),
      barren: (key) => this.warnLasting(key),
    });
    await this.open();
  }

  async open() {
    try {
      if (!(await this.capture.resume())) return;
      this.view.wave.follow(this.capture.analyser);
      this.show("recording");
      watchVoice(this.capture, (isQuiet) => this.tellQuiet(isQuiet));
      this.warnIfLittleRoom();
    } catch (error) {
      if (this.row.segments.length) this.show("paused");
      else this.putBack();
      this.view.warn(error.help ?? "microphone");
    }
  }

  tellQuiet(isQuiet) {
    if (this.state === "recording") this.view.say(this.view.words(isQuiet ? "quiet" : "recording"));
  }

  /** Nothing came of it: the ticket may serve again. */
  putBack() {
    this.submission.reuse(this.row);
    this.forget();
    this.show("failed");
  }

  async warnIfLittleRoom() {
    try {
      const { quota, usage } = await navigator.storage.estimate();
      if (quota - usage < LITTLE_ROOM && !this.lastingWarning) this.warnLasting("little-room");
    } catch {
      // no estimate, no warning: what does not fit is noticed when it is written
    }
  }

  pause() {
    this.capture.pause();
    this.view.wave.rest();
    this.show("paused");
  }

  async resume() {
    this.view.warn(this.lastingWarning);
    if (!this.capture.isOpen) this.show("asking");
    await this.open();
  }

  lost(reason) {
    this.view.wave.rest();
    this.show("paused");
    this.view.warn(reason);
  }

  async stop(why = this.lastingWarning) {
    this.show("stopping");
    this.view.wave.rest();
    await this.capture.finish();
    this.view.time(this.row.elapsedMs / 1000, this.typical);
    audioContext().suspend();
    await this.present(why);
  }

  /** The take is on this device: to hear, to drop, to submit. */
  async present(notice) {
    const { row } = this;
    const segments = await chunksOf(row);
    if (!segments.flat().length) {
      drop(row.key);
      this.putBack();
      return this.view.warn("nothing");
    }
    this.show("recorded");
    this.view.warn(notice);
    await this.listening.prepare(row, segments);
  }

  async discard() {
    const { row } = this;
    this.forget();
    this.show("idle");
    await discard(row.key);
    this.submission.reuse(row);
    await this.submission.recover();
  }

  forget() {
    this.listening.close();
    this.view.clear();
    this.view.time(0, this.typical);
    this.letGo?.();
    this.row = this.capture = this.letGo = null;
    this.lastingWarning = "";
  }
}

customElements.define("opic-recorder", Recorder);
