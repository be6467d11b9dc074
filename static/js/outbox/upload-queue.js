// The outbox at work: sends what waits, one answer at a time and from one page at a time, the same key on
// every try, until the server says "saved". Flushed on load, online, visible, every minute and after Submit.
import { alone } from "opic/outbox/outbox-lock";
import * as store from "opic/outbox/outbox-store";
import { pageUser, send } from "opic/outbox/upload-send";

const WAITS = [2, 5, 15, 60]; // seconds until the next try
const ROUND = 60_000;
const NEWS_EVERY = 150;
const RECOVERABLE = new Set(["token", "consent"]); // signing in or agreeing elsewhere may have opened the way

const listeners = new Set();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("opic-outbox") : null;
let running = null;
let onItsWay = null; // the answer this page is sending now: { key, stop: AbortController }
let isWanted = false;
let isEager = false;
let alarm;

/** News, of other pages too: {type: changed|progress|waiting|refused|saved, key, url, user, ...}. Returns "stop". */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const notify = (news) => listeners.forEach((listener) => listener(news));

function announce(type, row, more = {}) {
  const news = { type, key: row.key, url: row.url, user: row.user, ...more };
  channel?.postMessage(news);
  notify(news);
}

export const unsent = async (user) =>
  (await store.rows()).filter((row) => user && row.user === user);
export const isSending = () => running !== null;
export const waiting = async (user) => (await unsent(user)).filter((row) => row.state !== "draft");

/** The person wants it sent: from now on it goes out by itself. */
export async function submit(key, more = {}) {
  await store.change(key, { state: "queued", tries: 0, nextTryAt: 0, heldUntil: 0, ...more });
  announce("changed", { key });
  return flush({ eager: true });
}

const abort = (key) => onItsWay?.key === key && onItsWay.stop.abort();

/** Drops an answer from this device; a request that carries it ends, in another page of this browser, too. */
export async function discard(key) {
  abort(key);
  await store.drop(key);
  abort(key); // the queue may have picked it up before it was dropped
  announce("changed", { key }, { isDiscarded: true });
}

/** Everything this person has here, also what a sign-in or an answer of theirs was missing for. */
export async function sendAll(user, { drafts = false } = {}) {
  for (const row of await unsent(user)) {
    const isHeldBack = (row.state === "draft" && !drafts) || !(row.keep ?? true);
    if (!isHeldBack) await store.change(row.key, { state: "queued", nextTryAt: 0 });
  }
  return flush({ eager: true });
}

export function flush({ eager = false } = {}) {
  isWanted = true;
  isEager ||= eager;
  running ??= work().finally(() => {
    running = null;
    if (isWanted) flush();
    else plan();
  });
  return running;
}

async function work() {
  isWanted = false;
  if (!(await store.rows()).some(isQueued)) return;
  await alone(async () => {
    do {
      const eager = isEager;
      isWanted = isEager = false;
      await drain(eager);
    } while (isWanted);
  });
}

const isQueued = ({ state }) => state === "queued" || state === "sending";

async function drain(eager) {
  const tried = new Set();
  for (;;) {
    const now = Date.now();
    const isDue = (row) =>
      isQueued(row) &&
      !tried.has(row.key) &&
      now >= (row.heldUntil ?? 0) &&
      (eager || now >= row.nextTryAt);
    const next = (await store.rows()).find(isDue);
    if (!next) return;
    tried.add(next.key);
    await attempt(next);
  }
}

/** Tries whatever the browser says of the network: a site on this very machine is reached without one. */
async function attempt(row) {
  const stop = new AbortController();
  onItsWay = { key: row.key, stop };
  const verdict = await transfer(row, stop).finally(() => (onItsWay = null));
  if (verdict.saved) await settle(row, verdict.saved);
  else if (stop.signal.aborted) return;
  else if (verdict.again) await postpone(row, verdict);
  else await refuse(row, verdict.refused);
}

async function transfer(row, stop) {
  await store.change(row.key, { state: "sending" });
  if (!(await store.find(row.key))) stop.abort(); // discarded since the queue was read
  let lastNews = 0;
  const onProgress = (part) => {
    if (Date.now() - lastNews < NEWS_EVERY && part < 1) return;
    lastNews = Date.now();
    announce("progress", row, { part });
  };
  return send(row, { onProgress, signal: stop.signal });
}

async function settle(row, reply) {
  await store.drop(row.key);
  announce("saved", row, { reply });
  askToStay();
}

async function postpone(row, { after = 0 }) {
  const tries = (row.tries ?? 0) + 1;
  const wait = Math.max(WAITS[Math.min(tries, WAITS.length) - 1], after);
  const now = Date.now();
  const heldUntil = after ? now + after * 1000 : 0;
  await store.change(row.key, { state: "queued", tries, nextTryAt: now + wait * 1000, heldUntil });
  announce("waiting", row);
}

async function refuse(row, refused) {
  const before = row.code === refused.code ? { message: row.message, link: row.link } : {};
  const details = refused.message ? refused : { ...refused, ...before };
  await store.change(row.key, { state: "refused", ...details });
  announce("refused", row, details);
}

/** Wakes up for the earliest next try; the minute's round catches the rest. */
async function plan() {
  clearTimeout(alarm);
  const times = (await store.rows())
    .filter(isQueued)
    .map((row) => Math.max(row.nextTryAt, row.heldUntil ?? 0));
  if (times.length) alarm = setTimeout(flush, Math.max(1000, Math.min(...times) - Date.now()));
}

async function askToStay() {
  try {
    if (localStorage.getItem("opic-asked-to-stay")) return;
    localStorage.setItem("opic-asked-to-stay", "1");
    await navigator.storage.persist();
  } catch {
    // a courtesy: without it the outbox works as before
  }
}

/** Back on this page, or back online: what waited for a sign-in of this person may go now. */
async function wake() {
  if (document.visibilityState === "hidden") return;
  const user = pageUser();
  for (const row of await waiting(user)) {
    if (row.state === "refused" && RECOVERABLE.has(row.code))
      await store.change(row.key, { state: "queued" });
  }
  flush({ eager: true });
}

channel?.addEventListener("message", ({ data }) => {
  if (data.isDiscarded) abort(data.key);
  notify({ ...data, isFromElsewhere: true });
});
addEventListener("online", wake);
document.addEventListener("visibilitychange", wake);
setInterval(flush, ROUND);
wake();
