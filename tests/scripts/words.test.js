// The server's words, filled in; links to places of ours alone; minutes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { linkTo, minutes, wordsOf } from "opic/shared/words";

const texts = (sentences) => {
  const content = {
    querySelector(selector) {
      const key = /^\[data-text="(.*)"\]$/.exec(selector)[1];
      return key in sentences ? { textContent: sentences[key] } : null;
    },
  };
  return {
    querySelector: (selector) => (selector === "template[data-texts]" ? { content } : null),
  };
};

before(() => {
  globalThis.document = { createElement: (tag) => ({ tag }) };
});
after(() => {
  delete globalThis.document;
});

test("a sentence with its number, and the one for a single thing", () => {
  const words = wordsOf(
    texts({ waits: " [n]  answers\n wait ", "waits-one": "1 answer waits", on: "On" }),
  );
  assert.equal(words("waits", 3), "3 answers wait");
  assert.equal(words("waits", 0), "0 answers wait");
  assert.equal(words("waits", 1), "1 answer waits");
  assert.equal(words("on", 1), "On");
  assert.equal(words("nothing"), "");
});

test("without texts there are no words", () => {
  assert.equal(wordsOf(null)("waits"), "");
  assert.equal(wordsOf({ querySelector: () => null })("waits"), "");
});

test("a link leads to a path of ours", () => {
  const link = linkTo("/accounts/login/?next=/", "Sign in");
  assert.equal(link.href, "/accounts/login/?next=/");
  assert.equal(link.textContent, "Sign in");
  assert.equal(link.rel, "noopener");
});

for (const url of [
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example",
  "javascript:alert(1)",
  "",
  undefined,
]) {
  test(`no link to ${url}`, () => assert.equal(linkTo(url, "Sign in"), ""));
}

test("no link without a word for it", () => assert.equal(linkTo("/", ""), ""));

test("minutes and seconds", () => {
  assert.deepEqual([0, 9.9, 60, 125, 3600].map(minutes), ["0:00", "0:09", "1:00", "2:05", "60:00"]);
});
