// When the offline page believes that the server replies again, and how often it asks.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { watchServer } from "opic/offline/server-watch";

let replies, requests, told, watch;
const settled = () => new Promise((done) => setImmediate(done));

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  replies = [];
  requests = [];
  told = [];
  globalThis.fetch = async (url, options) => {
    requests.push([url, options.redirect, options.cache]);
    const status = replies.length > 1 ? replies.shift() : replies[0];
    if (!status) throw new TypeError("no network");
    return { status };
  };
});

afterEach(() => {
  watch.stop();
  mock.timers.reset();
});

async function start(...statuses) {
  replies = statuses;
  watch = watchServer((inARow) => told.push(inARow));
  await settled();
}

async function after(ms) {
  mock.timers.tick(ms);
  await settled();
}

test("a light address is asked, never the cache, and a redirect is no reply", async () => {
  await start(200);
  assert.deepEqual(requests, [["/healthz", "error", "no-store"]]);
});

test("replies in a row are counted, the second one soon after the first", async () => {
  await start(200);
  await after(1_500);
  assert.deepEqual(told, [1, 2]);
  await after(4_999);
  assert.equal(requests.length, 2);
  await after(1);
  assert.deepEqual(told, [1, 2, 3]);
});

test("without a reply, and at an error before the server, it waits longer each time", async () => {
  await start(0, 502, 0, 503, 0);
  for (const [wait, count] of [
    [5_000, 2],
    [10_000, 3],
    [30_000, 4],
    [60_000, 5],
    [60_000, 6],
  ]) {
    await after(wait - 1);
    assert.equal(requests.length, count - 1);
    await after(1);
    assert.equal(requests.length, count);
  }
  assert.deepEqual(told, [0, 0, 0, 0, 0, 0]);
});

test("a network that flaps begins the count again", async () => {
  await start(200, 0, 200, 200);
  await after(1_500);
  await after(5_000);
  await after(1_500);
  assert.deepEqual(told, [1, 0, 1, 2]);
});

test("asked at once it counts from the beginning, and asks one thing at a time", async () => {
  await start(0, 200);
  await Promise.all([watch.askAtOnce(), watch.askAtOnce()]);
  assert.deepEqual(told, [0, 1]);
  await watch.askAtOnce();
  assert.deepEqual(told, [0, 1, 1]);
});

test("stopped it asks no more", async () => {
  await start(200);
  watch.stop();
  await after(120_000);
  await watch.askAtOnce();
  assert.deepEqual(told, [1]);
  assert.equal(requests.length, 1);
});
