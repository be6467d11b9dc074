// Requests carry the page's token; one that went stale is renewed once.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { post, postJson } from "opic/shared/csrf";

let attribute;
let fields;

const reply = (status, token) => ({
  status,
  headers: new Headers(token ? { "X-CSRF-Token": token } : {}),
});

beforeEach(() => {
  attribute = '{"X-CSRFToken": "old"}';
  fields = [{ value: "old" }, { value: "old" }];
  globalThis.document = {
    body: {
      getAttribute: () => attribute,
      setAttribute: (_name, value) => (attribute = value),
    },
    querySelectorAll: () => fields,
  };
});
afterEach(() => {
  mock.restoreAll();
  delete globalThis.document;
});

function answering(...replies) {
  return mock.method(globalThis, "fetch", async () => replies.shift()).mock;
}

test("fields go out with the token, and no redirect is followed", async () => {
  const fetched = answering(reply(200));
  assert.equal((await post("/there/", { a: "1" })).status, 200);
  const [url, { method, body, headers, redirect }] = fetched.calls[0].arguments;
  assert.deepEqual([url, method, redirect, String(body)], ["/there/", "POST", "manual", "a=1"]);
  assert.deepEqual(headers, { "X-CSRFToken": "old", "X-Wants": "json" });
});

test("a stale token is renewed everywhere, and the request repeated once", async () => {
  const fetched = answering(reply(403, "new"), reply(204));
  assert.equal((await postJson("/there/", { a: 1 })).status, 204);
  const { body, headers } = fetched.calls[1].arguments[1];
  assert.equal(headers["X-CSRFToken"], "new");
  assert.equal(headers["Content-Type"], "application/json");
  assert.equal(body, '{"a":1}');
  assert.deepEqual(JSON.parse(attribute), { "X-CSRFToken": "new" });
  assert.deepEqual(fields, [{ value: "new" }, { value: "new" }]);
});

test("a second refusal stands", async () => {
  const fetched = answering(reply(403, "new"), reply(403, "newer"));
  assert.equal((await post("/there/", {})).status, 403);
  assert.equal(fetched.callCount(), 2);
});

test("a refusal without a token is one", async () => {
  const fetched = answering(reply(403));
  assert.equal((await post("/there/", {})).status, 403);
  assert.equal(fetched.callCount(), 1);
});

test("who asks can end the request, and its repetition", async () => {
  const { signal } = new AbortController();
  const fetched = answering(reply(403, "new"), reply(204));
  await post("/there/", {}, signal);
  assert.deepEqual(
    fetched.calls.map(({ arguments: [, options] }) => options.signal === signal),
    [true, true],
  );
});
