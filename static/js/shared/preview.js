// Listening to what was just said. Recorder files have no length in them and segments are separate files, so
// all of it is decoded and played as one WAV: a real length, seeking, and the loudness is known as well.

const RATE = 24000;
const FRAME = RATE / 20;
const SILENT = 0.0005; // loudest sample: nothing at all
export const TOO_LOW = 0.006; // the loud twentieth of the frames: a room, hardly a voice

async function decoded(chunks) {
  const bytes = await new Blob(chunks.filter(Boolean)).arrayBuffer();
  const buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  return buffer.getChannelData(0);
}

/** Samples of all segments end to end; null if this browser cannot decode what it recorded. */
export async function decode(segments) {
  const parts = await Promise.all(
    segments.filter(({ length }) => length).map((one) => decoded(one).catch(() => null)),
  );
  const good = parts.filter(Boolean);
  if (!good.length) return null;
  const samples = new Float32Array(good.reduce((sum, { length }) => sum + length, 0));
  good.reduce((at, part) => (samples.set(part, at), at + part.length), 0);
  return samples;
}

/** "silent", "too-low" or "fine": from the sound itself, never from its size. */
export function loudness(samples) {
  const frames = [];
  let peak = 0;
  for (let at = 0; at < samples.length; at += FRAME) {
    const frame = samples.subarray(at, at + FRAME);
    let power = 0;
    for (const sample of frame) {
      power += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    frames.push(Math.sqrt(power / frame.length));
  }
  frames.sort((a, b) => b - a);
  if (peak < SILENT) return "silent";
  return frames[Math.floor(frames.length / 20)] < TOO_LOW ? "too-low" : "fine";
}

export function peaks(samples, count) {
  const step = Math.max(1, Math.ceil(samples.length / count));
  const bars = [];
  for (let at = 0; at < samples.length; at += step) {
    bars.push(
      samples.subarray(at, at + step).reduce((top, one) => Math.max(top, Math.abs(one)), 0),
    );
  }
  return bars;
}

export function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, letters) =>
    [...letters].forEach((one, i) => view.setUint8(at + i, one.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  [
    [16, 16],
    [24, RATE],
    [28, RATE * 2],
    [40, samples.length * 2],
  ].forEach(([at, n]) => view.setUint32(at, n, true));
  [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ].forEach(([at, n]) => view.setUint16(at, n, true));
  text(36, "data");
  samples.forEach((one, i) =>
    view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, one)) * 32767, true),
  );
  return new Blob([view], { type: "audio/wav" });
}

/** Plays from one object URL at a time and lets go of it. */
export class Preview {
  constructor(audio) {
    this.audio = audio;
  }

  /** Resolves with the samples, or null; then the raw file plays, its length found by a jump to its end. */
  async load(segments, mime) {
    const samples = await decode(segments);
    const blob = samples ? wav(samples) : new Blob(segments[0]?.filter(Boolean), { type: mime });
    this.clear();
    this.url = URL.createObjectURL(blob);
    this.audio.src = this.url;
    await this.#lengthKnown();
    this.audio.hidden = !Number.isFinite(this.audio.duration);
    return samples;
  }

  #lengthKnown() {
    return new Promise((resolve) => {
      const { audio } = this;
      const look = () => {
        if (audio.duration === Infinity) return (audio.currentTime = 1e7);
        if (audio.currentTime) audio.currentTime = 0;
        resolve();
      };
      audio.onloadedmetadata = audio.ondurationchange = look;
      audio.onerror = resolve;
      setTimeout(resolve, 2000);
    });
  }

  clear() {
    this.audio.onloadedmetadata = this.audio.ondurationchange = this.audio.onerror = null;
    this.audio.pause();
    this.audio.hidden = true;
    if (!this.url) return;
    this.audio.removeAttribute("src");
    this.audio.load();
    URL.revokeObjectURL(this.url);
    this.url = null;
  }
}
