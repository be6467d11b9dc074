// The service worker's rules: which requests it answers, and sound in byte ranges without a network.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../static/js/offline/sw-core.js", import.meta.url), "utf8");
const ORIGIN = "https://opic.example";
const CLIP = "/materials/clips/1.m4a";

let listeners;
let stores;
let network;

/** A cache by address, enough for what the worker asks. */
class FakeCache extends Map {
  match = async (request) => this.get(new URL(request.url ?? request, ORIGIN).href)?.clone();
  put = async (request, response) =>
    void this.set(new URL(request.url ?? request, ORIGIN).href, response);
  addAll = async (urls) => {
    for (const url of urls) await this.put(url, new Response(url));
  };
}

beforeEach(() => {
  listeners = {};
  stores = new Map();
  network = async () => {
    throw new TypeError("no network");
  };
  const open = async (name) => stores.get(name) ?? stores.set(name, new FakeCache()).get(name);
  const caches = {
    open,
    has: async (name) => stores.has(name),
    keys: async () => [...stores.keys()],
    delete: async (name) => stores.delete(name),
    match: async (request) => {
      for (const cache of stores.values()) {
        const response = await cache.match(request);
        if (response) return response;
      }
      return undefined;
    },
  };
  const self = {
    OPIC: {
      shell: ["/static/build/opic.1a2b.css", "/static/js/app.3c4d.js"],
      offline: "/offline/",
    },
    addEventListener: (type, listener) => (listeners[type] = listener),
    clients: { claim: async () => {} },
  };
  const fetch = (...request) => network(...request);
  vm.runInNewContext(SOURCE, {
    self,
    caches,
    fetch,
    location: new URL("/sw.js", ORIGIN),
    URL,
    Response,
    Set,
    Map,
  });
});

/** What the worker answers to a request; undefined: it leaves it to the browser. */
function answered(path, { mode = "cors", method = "GET", range } = {}) {
  let reply;
  const headers = new Headers(range ? { Range: range } : {});
  const request = { url: new URL(path, ORIGIN).href, mode, method, headers };
  listeners.fetch({ request, respondWith: (work) => (reply = work) });
  return reply;
}

async function happened(type, data) {
  const work = [];
  listeners[type]({ data, waitUntil: (promise) => work.push(promise) });
  await Promise.all(work);
}

const keepClip = async () => {
  const cache = new FakeCache();
  stores.set("opic-shelf", cache);
  const sound = new Response("0123456789", { headers: { "Content-Type": "audio/mp4" } });
  await cache.put(CLIP, sound);
};

for (const [range, status, body, contentRange] of [
  [undefined, 200, "0123456789", null],
  ["bytes=0-1", 206, "01", "bytes 0-1/10"],
  ["bytes=4-", 206, "456789", "bytes 4-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=-30", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=8-99", 206, "89", "bytes 8-9/10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=-", 200, "0123456789", null],
  ["bytes=0-1,4-5", 200, "0123456789", null],
]) {
  test(`stored sound, ${range ?? "the whole"}`, async () => {
    await keepClip();
    const response = await answered(CLIP, { range });
    assert.equal(response.status, status);
    assert.equal(await response.text(), body);
    assert.equal(response.headers.get("Content-Range"), contentRange);
    if (status === 206) assert.equal(response.headers.get("Content-Length"), String(body.length));
  });
}

test("sound comes from the network while there is one", async () => {
  await keepClip();
  network = async () => new Response("fresh");
  assert.equal(await (await answered(CLIP)).text(), "fresh");
});

test("sound that is not stored fails as it would without a worker", async () => {
  await assert.rejects(answered(CLIP), TypeError);
});

test("what is not ours, not a read, or a page's own request is left to the browser", () => {
  for (const [path, more] of [
    ["https://elsewhere.example/static/x.js", {}],
    ["/static/build/opic.1a2b.css", { method: "POST" }],
    ["/practice/", {}],
    ["/offline/store/", {}],
    ["/responses/1/", {}],
  ]) {
    assert.equal(answered(path, more), undefined, path);
  }
});

const offlinePage = () =>
  new Response("<h1>No connection</h1>", { headers: { "Content-Type": "text/html" } });

test("an installed worker shows its page where the network is away", async () => {
  network = async () => offlinePage();
  await happened("install");
  network = async () => {
    throw new TypeError("no network");
  };
  const page = await answered("/practice/", { mode: "navigate" });
  assert.match(await page.text(), /No connection/);
});

test("a worker is not installed with an error page or another one's page", async () => {
  network = async () =>
    new Response("down", { status: 503, headers: { "Content-Type": "text/html" } });
  await assert.rejects(happened("install"));
  network = async () => Object.defineProperty(offlinePage(), "redirected", { value: true });
  await assert.rejects(happened("install"));
});

test("this release and the one before it stay, older ones and nothing else go", async () => {
  network = async () => offlinePage();
  for (const name of ["opic-static-1", "opic-static-2", "opic-shelf", "other"])
    stores.set(name, new FakeCache());
  await happened("install");
  await happened("activate");
  const left = [...stores.keys()];
  assert.deepEqual(left.slice(0, 3), ["opic-static-2", "opic-shelf", "other"]);
  assert.equal(left.length, 4);
  assert.match(left[3], /^opic-static-\d+$/);
});

test("static files are kept once they came, error pages are not", async () => {
  network = async () => offlinePage();
  await happened("install");
  network = async () => new Response("body{}", { headers: { "Content-Type": "text/css" } });
  await (await answered("/static/new.css")).text();
  network = async () => new Response("gone", { status: 404 });
  assert.equal(await (await answered("/static/new.css")).text(), "body{}");
  assert.equal((await answered("/static/other.css")).status, 404);
  network = async () => {
    throw new TypeError("no network");
  };
  await assert.rejects(answered("/static/other.css"), TypeError);
});
