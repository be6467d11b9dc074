// What is posted for one answer: manifest, chunks, and the gap where one was lost.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import "opic/outbox/upload-body";

const bytes = (...values) => new Uint8Array(values).buffer;
const sha256 = (...values) => createHash("sha256").update(new Uint8Array(values)).digest("hex");

const row = (...sizes) => ({
  key: "k1",
  mime: "audio/webm;codecs=opus",
  recordedAt: "2026-11-28T10:00:00.000Z",
  timeZone: "Asia/Seoul",
  elapsedMs: 4200.6,
  segments: sizes.map((one) => ({ sizes: one })),
});

async function made(of, stored) {
  const { body, ...rest } = await globalThis.opicUploadBody(of, stored);
  const names = [...body.keys()].filter((name) => name !== "manifest");
  return { manifest: JSON.parse(body.get("manifest")), names, body, ...rest };
}

test("every chunk of every segment, with its hash", async () => {
  const stored = [[bytes(1, 2), bytes(3)], [bytes(4)]];
  const { manifest, names, body, size, hasGap } = await made(row([2, 1], [1]), stored);
  assert.deepEqual(names, ["chunk-0-0", "chunk-0-1", "chunk-1-0"]);
  assert.deepEqual(manifest, {
    v: 1,
    key: "k1",
    mime: "audio/webm;codecs=opus",
    recorded_at: "2026-11-28T10:00:00.000Z",
    time_zone: "Asia/Seoul",
    elapsed_ms: 4201,
    accept_partial: false,
    segments: [
      { sizes: [2, 1], sha256: sha256(1, 2, 3) },
      { sizes: [1], sha256: sha256(4) },
    ],
  });
  assert.deepEqual([...new Uint8Array(await body.get("chunk-0-1").arrayBuffer())], [3]);
  assert.equal(size, 4);
  assert.equal(hasGap, false);
});

test("what comes behind a lost chunk is left out, and there is no hash", async () => {
  const stored = [[bytes(1, 2), undefined, bytes(4)]];
  const { manifest, names, size, hasGap } = await made(row([2, 3, 1]), stored);
  assert.deepEqual(names, ["chunk-0-0"]);
  assert.deepEqual(manifest.segments, [{ sizes: [2, 3, 1], sha256: "" }]);
  assert.equal(size, 2);
  assert.equal(hasGap, true);
});

test("a chunk of another length counts as lost", async () => {
  const { names, hasGap } = await made(row([2, 2]), [[bytes(1, 2), bytes(3)]]);
  assert.deepEqual(names, ["chunk-0-0"]);
  assert.equal(hasGap, true);
});

test("a size that was never written is named, so that the server misses it", async () => {
  const sizes = [2];
  sizes[2] = 1; // number 1 never reached the list
  const { manifest, hasGap } = await made(row(sizes), [[bytes(1, 2), undefined, bytes(3)]]);
  assert.deepEqual(manifest.segments[0].sizes, [2, 1, 1]);
  assert.equal(hasGap, true);
});

test("what the person accepts goes along", async () => {
  const { manifest } = await made({ ...row([1]), acceptPartial: true }, [[bytes(1)]]);
  assert.equal(manifest.accept_partial, true);
});

test("a segment without any sound has no hash and no gap", async () => {
  const { manifest, names, hasGap } = await made(row([]), [[]]);
  assert.deepEqual(manifest.segments, [{ sizes: [], sha256: "" }]);
  assert.deepEqual(names, []);
  assert.equal(hasGap, false);
});
