// Loudness, picture and WAV file of what was said.
import assert from "node:assert/strict";
import { test } from "node:test";

import { loudness, peaks, wav } from "opic/shared/preview";

const RATE = 24000;
const tone = (seconds, level) =>
  Float32Array.from({ length: seconds * RATE }, (_, n) => level * Math.sin(n / 10));
const joined = (...parts) => Float32Array.from(parts.flatMap((part) => [...part]));

test("nothing at all is silent, a room is too low, a voice is fine", () => {
  assert.equal(loudness(new Float32Array(RATE)), "silent");
  assert.equal(loudness(tone(1, 0.0004)), "silent");
  assert.equal(loudness(tone(1, 0.004)), "too-low");
  assert.equal(loudness(tone(1, 0.2)), "fine");
});

test("long pauses do not make a voice too low, a single knock does not make it fine", () => {
  const pause = new Float32Array(8 * RATE);
  assert.equal(loudness(joined(tone(1, 0.2), pause)), "fine");
  assert.equal(loudness(joined(tone(0.05, 0.9), pause, tone(1, 0.001))), "too-low");
});

test("as many peaks as there is room for, each the loudest of its part", () => {
  assert.deepEqual(peaks(Float32Array.of(0.5, -0.75, 0.25, 0), 2), [0.75, 0.25]);
  assert.equal(peaks(new Float32Array(1000), 300).length, 250);
  assert.deepEqual(peaks(Float32Array.of(0.5), 10), [0.5]);
  assert.deepEqual(peaks(new Float32Array(0), 10), []);
});

test("a WAV file says its length and rate, and holds what is too loud within bounds", async () => {
  const file = wav(Float32Array.of(0, 1, -1, 2, -2));
  assert.equal(file.type, "audio/wav");
  const view = new DataView(await file.arrayBuffer());
  const text = (at, length) => String.fromCharCode(...new Uint8Array(view.buffer, at, length));
  assert.equal(view.byteLength, 44 + 10);
  assert.equal(text(0, 4), "RIFF");
  assert.equal(text(8, 8), "WAVEfmt ");
  assert.equal(text(36, 4), "data");
  assert.equal(view.getUint32(4, true), 36 + 10);
  assert.equal(view.getUint32(24, true), RATE);
  assert.equal(view.getUint32(28, true), 2 * RATE);
  assert.equal(view.getUint16(34, true), 16);
  assert.equal(view.getUint32(40, true), 10);
  const samples = Array.from({ length: 5 }, (_, n) => view.getInt16(44 + 2 * n, true));
  assert.deepEqual(samples, [0, 32767, -32767, 32767, -32767]);
});
