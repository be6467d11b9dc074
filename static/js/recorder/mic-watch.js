// Watches a live microphone: is it still there, and does anything come out of it? By polling, because a
// stopped track fires no event, a disabled one goes on writing silence, and a file's size tells nothing.
// While `isPaused` silence and mute say nothing: some browsers mute the track of a paused recorder themselves.
import { audioContext } from "opic/recorder/microphone";

const EVERY = 100;
const ZEROS = 2700; // told within 3 s; a live room is never exactly zero, so this is a dead microphone
const MUTED = 1500; // a short mute mends itself
const WINDOW = 8192; // samples; longer than EVERY at 48 kHz, so that no sound falls between two looks

export class MicWatch {
  /** `onLost(reason)` once; `onSilence(is)` when digital silence begins and ends. */
  constructor(stream, { onLost, onSilence }) {
    Object.assign(this, { stream, onLost, onSilence, soundAt: performance.now(), loudest: 0 });
    [this.track] = stream.getAudioTracks();
    this.isSilent = false;
    this.connect();
    for (const type of ["mute", "unmute", "ended"]) this.track.addEventListener(type, this);
    this.timer = setInterval(() => this.look(), EVERY);
  }

  connect() {
    try {
      const context = audioContext();
      this.source = context.createMediaStreamSource(this.stream);
      this.analyser = new AnalyserNode(context, { fftSize: WINDOW, smoothingTimeConstant: 0 });
      this.source.connect(this.analyser);
      this.samples = new Float32Array(WINDOW);
    } catch {
      this.analyser = null; // no level then; the recording itself goes on
    }
  }

  handleEvent({ type }) {
    if (type === "ended") this.lose("ended");
    else this.mutedAt = type === "mute" ? performance.now() : null;
  }

  look() {
    const now = performance.now();
    if (this.track.readyState === "ended") return this.lose("ended");
    if (this.isPaused) this.mutedAt = null;
    else if (this.track.muted) this.mutedAt ??= now;
    if (this.mutedAt && now - this.mutedAt > MUTED) return this.lose("muted");
    if (this.level() !== 0 || this.isPaused) this.soundAt = now;
    const isSilent = now - this.soundAt > ZEROS;
    if (isSilent !== this.isSilent) this.onSilence((this.isSilent = isSilent));
  }

  /** Peak of the last moments; null when nothing can be said. */
  level() {
    if (!this.analyser) return null;
    const context = audioContext();
    if (context.state !== "running") {
      context.resume().catch(() => {}); // a call interrupts it; it may come back
      return null;
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    let peak = 0;
    for (const sample of this.samples) peak = Math.max(peak, Math.abs(sample));
    this.loudest = Math.max(this.loudest, peak);
    return peak;
  }

  /** Resolves at the first sound that is not exactly nothing, at the latest after `patience`. */
  firstSound(patience) {
    const end = performance.now() + patience;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (!this.level() && performance.now() < end) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
  }

  lose(reason) {
    if (!this.timer) return;
    this.close();
    this.onLost(reason);
  }

  close() {
    clearInterval(this.timer);
    this.timer = null;
    this.source?.disconnect();
    for (const type of ["mute", "unmute", "ended"]) this.track.removeEventListener(type, this);
  }
}
