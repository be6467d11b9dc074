// Does a voice come out of the microphone, or only a room? Someone who speaks into the wrong one is told while it happens.
import { TOO_LOW } from "opic/shared/preview";

const EVERY = 100;
const PATIENCE = 4000;
const FRAME = 0.05; // seconds

/** The loudest frame of `samples`, as a root mean square. */
export function loudestFrame(samples, rate) {
  const size = Math.round(rate * FRAME);
  let loudest = 0;
  for (let at = 0; at + size <= samples.length; at += size) {
    let power = 0;
    for (let i = at; i < at + size; i += 1) power += samples[i] ** 2;
    loudest = Math.max(loudest, Math.sqrt(power / size));
  }
  return loudest;
}

/** Calls `onQuiet(true)` when nothing above the floor of speech came for four seconds, `onQuiet(false)` when it comes
 *  after all. Ends there, or when `capture` pauses or ends: who has been heard may be silent and think. */
export function watchVoice(capture, onQuiet) {
  const { analyser } = capture;
  if (!analyser) return;
  const samples = new Float32Array(analyser.fftSize);
  let since = performance.now();
  let isQuiet = false;
  const timer = setInterval(() => {
    const isOver = !capture.isOpen || capture.isClosed || capture.watch?.isPaused;
    if (isOver || capture.analyser !== analyser) return clearInterval(timer);
    if (analyser.context.state !== "running") return (since = performance.now());
    analyser.getFloatTimeDomainData(samples);
    if (loudestFrame(samples, analyser.context.sampleRate) >= TOO_LOW) {
      clearInterval(timer);
      if (isQuiet) onQuiet(false);
    } else if (!isQuiet && performance.now() - since >= PATIENCE) onQuiet((isQuiet = true));
  }, EVERY);
}
