// Before a test: can the person hear Ava while the microphone is open, and does what they say arrive and decode?
import { headersOf } from "opic/shared/csrf";
import {
  audioContext,
  container,
  holdMicrophone,
  rejectContainer,
  rememberContainer,
} from "opic/recorder/microphone";
import { decode, loudness, peaks } from "opic/shared/preview";
import { Item } from "opic/sitting/sitting-item";

const SECONDS = 4;
const CLIPPED = 40; // samples at the very top: too loud
const PATIENCE = 20_000;

/** Records a few seconds; resolves with the chunks. A type that gives none makes room for the next one. */
async function recorded(stream, view) {
  const mimeType = container();
  const recorder = new MediaRecorder(stream, {
    audioBitsPerSecond: 32000,
    ...(mimeType && { mimeType }),
  });
  const chunks = [];
  recorder.ondataavailable = ({ data }) => data.size && chunks.push(data);
  const source = audioContext().createMediaStreamSource(stream);
  const analyser = new AnalyserNode(audioContext(), { fftSize: 2048 });
  source.connect(analyser);
  audioContext().resume();
  view.wave.follow(analyser);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start(1000);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  recorder.stop();
  await stopped;
  view.wave.rest();
  source.disconnect();
  if (chunks.length) rememberContainer(mimeType);
  else if (rejectContainer(mimeType)) return recorded(stream, view);
  return chunks;
}

/** To the server and back: the seconds it decoded. Rejects with the words to show. */
async function sent(url, chunks) {
  const body = new FormData();
  chunks.forEach((chunk, index) => body.append(`chunk-0-${index}`, chunk, "chunk"));
  const segments = [{ sizes: chunks.map(({ size }) => size) }];
  const manifest = {
    v: 1,
    key: crypto.randomUUID(),
    recorded_at: new Date().toISOString(),
    segments,
  };
  body.append("manifest", JSON.stringify(manifest));
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: headersOf(),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const reply = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(), { words: reply.message });
  return reply;
}

function judged(samples, reply) {
  if (!samples) return reply.voiced_seconds > 0.3 ? "check-fine" : "check-too-low";
  const heard = loudness(samples);
  if (heard !== "fine") return `check-${heard}`;
  const atTop = samples.reduce((count, one) => count + (Math.abs(one) > 0.995), 0);
  return atTop > CLIPPED ? "check-loud" : "check-fine";
}

/** The steps before the clock: check, sound, a question that does not count. */
export class SetUp {
  constructor(host) {
    Object.assign(this, { host, view: host.view });
  }

  async check() {
    const { view, host } = this;
    view.busy("check", true);
    try {
      const stream = await holdMicrophone();
      view.say("check-speak");
      const chunks = await recorded(stream, view);
      view.say("check-sending");
      const reply = await sent(host.page.urls.check, chunks);
      const buffers = await Promise.all(chunks.map((chunk) => chunk.arrayBuffer()));
      const samples = await decode([buffers]);
      if (samples) view.wave.show(peaks(samples, view.wave.room));
      view.checked(judged(samples, reply), samples);
    } catch (fault) {
      view.checkFailed(fault);
    }
    view.busy("check", false);
  }

  async hear() {
    await this.host.fetched;
    this.host.sound.play(this.host.page.sample).catch(() => this.view.say("blocked"));
  }

  /** Some phones play quietly while their microphone is open. */
  otherWay() {
    const { sound } = this.host;
    sound.way = sound.way === "element" ? "context" : "element";
    return this.hear();
  }

  async sample() {
    const { host, view } = this;
    await host.fetched;
    const { sample: src, sampleText: text } = host.page;
    if (!src) return this.done();
    const told = { n: 0, key: crypto.randomUUID(), src, text, isSample: true };
    view.stage("item", view.words("sample"));
    host.item = new Item(host, told);
    host.show("ready");
    view.aids(told);
  }

  done() {
    this.host.item = null;
    this.view.stage("begin");
  }
}
