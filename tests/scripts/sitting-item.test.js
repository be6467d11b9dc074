// A question of a test on a browser whose recorder claims a type and gives nothing: one is told, the next type goes on,
// and the next question begins with it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const TYPES = ["audio/webm;codecs=opus", "audio/webm"];
const asked = [];
let barren = [];

class Track extends EventTarget {
  readyState = "live";
  muted = false;

  stop() {
    this.readyState = "ended";
  }
}

class Stream {
  #track = new Track();
  getAudioTracks = () => [this.#track];
  getTracks = () => [this.#track];
}

class Recorder extends EventTarget {
  static isTypeSupported = (type) => TYPES.includes(type);
  state = "inactive";

  constructor(_stream, { mimeType }) {
    super();
    this.mimeType = mimeType;
    asked.push(mimeType);
  }

  start() {
    this.state = "recording";
    queueMicrotask(() => this.dispatchEvent(new Event("start")));
  }

  requestData() {
    if (!barren.includes(this.mimeType)) this.ondataavailable({ data: new Blob(["sound"]) });
  }

  stop() {
    this.requestData();
    this.state = "inactive";
    queueMicrotask(() => this.dispatchEvent(new Event("stop")));
  }
}

const quiet = { addEventListener() {}, removeEventListener() {}, visibilityState: "hidden" };
Object.assign(globalThis, {
  addEventListener() {},
  document: quiet,
  isSecureContext: true,
  MediaRecorder: Recorder,
});
const browser = {
  userAgent: "Chrome/140",
  mediaDevices: { getUserMedia: async () => new Stream() },
};
Object.defineProperty(globalThis, "navigator", { value: browser, configurable: true });

let now = 0;
performance.now = () => now;
// the outbox listens and looks every minute from its import on, and would keep this process alive
delete globalThis.BroadcastChannel;
mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
const { Item } = await import("opic/sitting/sitting-item");

const page = { replays: 1, replaySeconds: 5, nextSeconds: 3, cueSeconds: 120 };
const told = { key: "key", n: 1, src: "/question.m4a" };
let warnings;

function newItem() {
  const wave = { follow() {}, rest() {}, clear() {} };
  const view = { wave, warn: (key) => warnings.push(key), say() {}, allow() {} };
  return new Item(
    {
      page,
      view,
      getAttribute: () => "somebody",
      placeOf: () => "Question 1",
      sound: { play: async (_src, begun) => begun(), stop() {} },
      show: (state, { help = "" } = {}) => state === "recording" && view.warn(help),
    },
    { ...told },
  );
}

async function after(seconds) {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    now += 100;
    mock.timers.tick(100);
    await new Promise((done) => setImmediate(done));
  }
}

beforeEach(() => {
  warnings = [];
  asked.length = 0;
});

afterEach(() => {
  barren = [];
});

test("where a recorder gives nothing one is told, and the next question begins with the type that gave", async () => {
  barren = [TYPES[0]];
  const first = newItem();
  first.play();
  await after(10);
  assert.deepEqual(asked, TYPES);
  assert.equal(warnings.at(-1), "restarted");
  first.capture.on.silence(true);
  first.capture.on.silence(false);
  assert.deepEqual(warnings.slice(-2), ["silence", "restarted"]);
  await after(120);
  assert.equal(warnings.at(-1), "restarted"); // not to come to an end
  first.capture.flush();
  const end = first.capture.finish();
  await after(5);
  await end;

  asked.length = 0;
  warnings = [];
  const next = newItem();
  next.play();
  await after(10);
  assert.deepEqual(asked, [TYPES[1]]);
  assert.ok(warnings.every((key) => key === ""));
});

test("where none is left one is told so", async () => {
  barren = TYPES;
  const item = newItem();
  item.play();
  await after(12);
  assert.ok(warnings.includes("no-bytes"));
});
