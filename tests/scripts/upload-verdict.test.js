// What the queue makes of a reply: saved, once more, or refused.
import assert from "node:assert/strict";
import { test } from "node:test";

import { parsed, seconds, verdictOf } from "opic/outbox/upload-verdict";

const reply = (status, body = "", retryAfter = null) => ({
  status,
  text: typeof body === "string" ? body : JSON.stringify(body),
  retryAfter,
});
const refused = (code, more = {}) => reply(422, { status: "refused", code, ...more });

test("saved only when the server says so itself", () => {
  const saved = { status: "saved", response: "r1" };
  assert.deepEqual(verdictOf(reply(200, saved), false, 0), { saved });
  assert.deepEqual(verdictOf(reply(201, saved), false, 0), { saved });
});

for (const [name, page] of [
  ["a captive portal's page", reply(200, "<html>Sign in to Wi-Fi</html>")],
  ["a redirect that was not followed", reply(302)],
  ["JSON of somebody else", reply(200, { status: "ok" })],
]) {
  test(`${name} is no reply of ours: once more`, () => {
    assert.deepEqual(verdictOf(page, false, 9), { again: true });
  });
}

for (const status of [0, 408, 425, 429, 500, 502, 503]) {
  test(`${status} passes, and the server may say when`, () => {
    assert.deepEqual(verdictOf(reply(status), false, 0), { again: true, after: 0 });
    assert.deepEqual(verdictOf(reply(status, "", "7"), false, 0), { again: true, after: 7 });
  });
}

test("a wait is bounded, and a date is left to our own waits", () => {
  assert.equal(seconds("86400"), 300);
  assert.equal(seconds("-5"), 0);
  assert.equal(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), 0);
  assert.equal(seconds(null), 0);
});

test("bytes damaged on the way are sent again, four times", () => {
  for (const code of ["missing_chunk", "bad_manifest"]) {
    for (const tries of [0, 3]) {
      assert.deepEqual(verdictOf(refused(code), false, tries), { again: true });
    }
    assert.equal(verdictOf(refused(code), false, 4).refused.code, code);
  }
});

test("bytes that this device has lost are not sent again", () => {
  const { refused: verdict } = verdictOf(
    refused("missing_chunk", { can_keep_partial: true }),
    true,
    0,
  );
  assert.equal(verdict.mayKeepPartial, true);
  assert.equal(verdict.keep, true);
});

test("a refusal carries what the person needs", () => {
  assert.deepEqual(
    verdictOf(
      refused("consent", { message: "First agree.", consent_url: "/consents/", keep: true }),
      false,
      0,
    ),
    {
      refused: {
        code: "consent",
        message: "First agree.",
        link: "/consents/",
        keep: true,
        mayKeepPartial: false,
      },
    },
  );
  assert.equal(verdictOf(refused("too_short", { keep: false }), false, 0).refused.keep, false);
  assert.equal(
    verdictOf(refused("token", { sign_in_url: "/login/" }), false, 0).refused.link,
    "/login/",
  );
});

test("a wall in front of the server refuses for it", () => {
  assert.equal(verdictOf(reply(413, "too large"), false, 0).refused.code, "too_large");
  assert.equal(verdictOf(reply(403, "<html>"), false, 0).refused.code, "other");
  assert.equal(verdictOf(reply(404), false, 0).refused.keep, true);
});

test("text that is no JSON is nothing", () => {
  assert.equal(parsed("{"), null);
  assert.equal(parsed(""), null);
  assert.deepEqual(parsed('{"a":1}'), { a: 1 });
});
