// One answer being spoken: microphone -> MediaRecorder -> chunks in the outbox store, in one or more segments.
// Every chunk is stored as it comes. A lost microphone ends the segment, not the answer.
import { addChunk } from "opic/outbox/outbox-store";
import { ByteWatch } from "opic/recorder/byte-watch";
import * as microphone from "opic/recorder/microphone";
import { MicWatch } from "opic/recorder/mic-watch";

const SLICE = 1000; // a crash loses at most this much
const TAIL = 300; // the last word is still on its way when Stop is pressed
const CUE = 1800; // some microphones give zeros first
const STUCK = 3000;
const WRITES = 12_000; // the store has limits of its own (outbox-store); Stop ends whatever happens to them
const WORTH = 1000; // a recording of so long without a byte says something about its type

const delay = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const next = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

export class Capture {
  #spoken = 0;
  #since = null;
  #writes = Promise.resolve();
  #awake = new microphone.Awake();
  #before = 0; // what was spoken before this segment

  /**
   * `row` is the outbox row of the answer; `on`: { started, lost(reason), silence(is), stored, barren(key) }.
   * `barren` may be left out: the recorder gave nothing, and "restarted" goes on without it, or "no-bytes": none is left.
   */
  constructor(row, on) {
    Object.assign(this, { row, on, isClosed: false, loudest: 0 });
  }

  get elapsed() {
    return this.#spoken + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  get isOpen() {
    return Boolean(this.recorder);
  }

  get analyser() {
    return this.watch?.analyser;
  }

  /** Opens the microphone as a new segment. Resolves when the person may speak; false if closed meanwhile. */
  async open() {
    const stream = await microphone.openMicrophone();
    if (this.isClosed) {
      microphone.release(stream);
      return false;
    }
    try {
      this.#record(stream);
    } catch (error) {
      microphone.release(stream);
      throw error;
    }
    this.on.started();
    this.watch = new MicWatch(stream, {
      onLost: (reason) => this.#lose(reason),
      onSilence: this.on.silence,
    });
    await Promise.race([this.started, delay(STUCK)]);
    await this.watch.firstSound(CUE);
    if (!this.isOpen) return false;
    this.#since = performance.now();
    this.#awake.on();
    return true;
  }

  #record(stream) {
    const mimeType = microphone.container();
    const recorder = new MediaRecorder(stream, {
      audioBitsPerSecond: 32000,
      ...(mimeType && { mimeType }),
    });
    recorder.start(SLICE); // throws when it cannot; its events come later
    const segment = this.row.segments.push({ sizes: [] }) - 1;
    this.#before = this.#spoken;
    const bytes = new ByteWatch(recorder, () => this.#changeType());
    let index = 0;
    recorder.ondataavailable = ({ data }) => {
      if (!data.size) return;
      bytes.see();
      if (!index) microphone.rememberContainer(mimeType);
      this.row.mime = recorder.mimeType || data.type;
      this.#storeChunk(segment, index++, data);
    };
    recorder.onerror = () => this.#lose("ended");
    this.started = next(recorder, "start");
    this.stopped = next(recorder, "stop");
    this.stopped.then(() => this.recorder === recorder && !this.isCut && this.#lose("ended"));
    Object.assign(this, { stream, recorder, mimeType, bytes });
  }

  /** The segment starts again with the next type. */
  #changeType() {
    const { recorder, stream, mimeType } = this;
    if (!microphone.rejectContainer(mimeType)) return this.on.barren?.("no-bytes");
    recorder.ondataavailable = recorder.onerror = this.recorder = null;
    recorder.stop();
    this.row.segments.pop();
    const isSpeaking = this.#since !== null;
    this.#spoken = this.#before;
    if (isSpeaking) this.#since = performance.now();
    try {
      this.#record(stream);
      if (isSpeaking) this.on.barren?.("restarted");
    } catch {
      this.recorder = recorder; // ended: as when the microphone goes
      this.#lose("ended");
    }
  }

  #storeChunk(segment, index, data) {
    this.row.elapsedMs = this.elapsed;
    this.#writes = this.#writes
      .then(() => addChunk(this.row, segment, index, data))
      .catch(() => {}) // bytes that cannot be read are a gap, which the upload notices
      .then(this.on.stored);
  }

  /** What is in the recorder's hands goes to the store now: the page may be about to freeze. */
  flush() {
    if (this.recorder?.state === "recording") this.recorder.requestData();
  }

  pause() {
    this.#stopClock();
    this.isCut = microphone.losesAtPause();
    if (this.isCut) this.recorder.stop();
    else this.recorder.pause();
    this.watch.isPaused = true;
    this.#awake.off();
  }

  /** Goes on with the same microphone, or opens it anew when it was lost. */
  async resume() {
    if (!this.isOpen) return this.open();
    // a second press waits for the first
    if (this.isCut) await (this.going ??= this.#recordOn().finally(() => (this.going = null)));
    else this.recorder.resume();
    if (!this.isOpen) return false;
    this.watch.isPaused = false;
    this.bytes.start();
    this.#since = performance.now();
    this.#awake.on();
    return true;
  }

  async #recordOn() {
    await Promise.race([this.stopped, delay(STUCK)]);
    if (!this.isOpen) return;
    this.#record(this.stream);
    this.isCut = false;
    await Promise.race([this.started, delay(STUCK)]);
  }

  async #lose(reason) {
    await this.#endSegment();
    if (!this.isClosed) this.on.lost(reason);
  }

  #stopClock() {
    this.#spoken = this.elapsed;
    this.#since = null;
  }

  async #endSegment() {
    const { recorder, stream, stopped } = this;
    this.bytes?.close();
    if (!recorder) return this.#written();
    this.recorder = null;
    this.#stopClock();
    if (recorder.state !== "inactive") recorder.stop();
    await Promise.race([stopped, delay(STUCK)]); // the last chunk comes before "stop"
    this.loudest = Math.max(this.loudest, this.watch?.loudest ?? 0);
    this.watch?.close();
    this.#awake.off();
    microphone.release(stream);
    this.row.elapsedMs = this.#spoken;
    return this.#written();
  }

  #written() {
    return Promise.race([this.#writes, delay(WRITES)]);
  }

  /** Ends the answer; resolves when all of it is stored and the microphone is given back. */
  async finish() {
    const { isOpen } = this;
    this.isClosed = true;
    this.#stopClock();
    if (this.recorder?.state === "recording") await delay(TAIL);
    await this.#endSegment();
    const isBarren = isOpen && !this.bytes.hasBytes && this.#spoken - this.#before > WORTH;
    if (isBarren) microphone.rejectContainer(this.mimeType); // the next one tries another
  }
}
