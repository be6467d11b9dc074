// The offline store: what this device keeps for a time without a network. One person's at a time: data in IndexedDB under
// their id, sound in a cache of its own. Emptied at sign-out and before anybody else's is put there.
import { openDB } from "idb";

const CACHE = "opic-shelf";
const NAME = "opic-shelf";

async function transact(mode, work) {
  const db = await openDB(NAME, 1, {
    upgrade: (opened) => opened.createObjectStore("people", { keyPath: "user" }),
  });
  try {
    const transaction = db.transaction("people", mode, { durability: "relaxed" });
    const [result] = await Promise.all([work(transaction.store), transaction.done]);
    return result;
  } finally {
    db.close();
  }
}

/** What is stored, or null. */
export async function read() {
  const all = await transact("readonly", (people) => people.getAll()).catch(() => []);
  return all.at(-1) ?? null;
}

/** Writes back what a page changed. */
export const save = (saved) => transact("readwrite", (people) => people.put(saved));

/** The next page fills it anew. */
export async function makeStale() {
  const saved = await read();
  if (saved) await save({ ...saved, isWhole: false, madeAt: 0 });
}

export async function clear() {
  await Promise.all([
    transact("readwrite", (people) => people.clear()).catch(() => {}),
    caches.delete(CACHE),
  ]);
}

const soundsOf = ({ prompts, answers }) =>
  [...prompts.map(({ player }) => player.src), ...answers.map(({ src }) => src)].filter(Boolean);

/** Fetches what is missing, one after the other, and lets go of what is not listed any more. */
async function saveSounds(wanted) {
  const cache = await caches.open(CACHE);
  const cached = new Map(
    (await cache.keys()).map((request) => [new URL(request.url).pathname, request]),
  );
  for (const [path, request] of cached) if (!wanted.includes(path)) await cache.delete(request);
  for (const path of wanted.filter((one) => !cached.has(one))) {
    const response = await fetch(path);
    const isSound =
      response.status === 200 && (response.headers.get("Content-Type") ?? "").startsWith("audio/");
    if (isSound) await cache.put(path, response);
  }
}

/** Brings the store up to date for this person. Resolves false when there was no room or no network. */
export async function fill(url, user) {
  try {
    const response = await fetch(url, { headers: { "X-Wants": "json" } });
    const payload = response.ok && !response.redirected ? await response.json() : null;
    if (payload?.user !== user) return false;
    const before = await read();
    if (before && before.user !== user) await clear();
    const marks = before?.user === user ? (before.marks ?? []) : [];
    await save({ ...payload, marks, isWhole: false, madeAt: Date.now() });
    await saveSounds(soundsOf(payload));
    // without consent there are no questions yet: the page after it fills the store anew
    await save({ ...payload, marks, isWhole: payload.may_record !== false, madeAt: Date.now() });
    return true;
  } catch {
    return false; // a full disk, a private window, no network: the app works without a store
  }
}

/** How cards went without a network; `send` resolves with true when the server has taken one, or never will. */
export async function sendCardResults(user, send) {
  const saved = await read();
  if (saved?.user !== user || !saved.marks?.length) return;
  const left = [];
  for (const mark of saved.marks) if (!(await send(mark))) left.push(mark);
  await save({ ...saved, marks: left });
}
