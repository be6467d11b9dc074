// The shelf: what this device keeps for a time without a network. One person's at a time: data in IndexedDB under
// their id, sound in a cache of its own. Emptied at sign-out and before anybody else's is put there.
const CACHE = "opic-shelf";
const NAME = "opic-shelf";

const ask = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function rows(mode, work) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("people", { keyPath: "user" });
  const db = await ask(opening);
  const deal = db.transaction("people", mode, { durability: "relaxed" });
  const result = await ask(work(deal.objectStore("people")));
  await new Promise((resolve, reject) =>
    Object.assign(deal, { oncomplete: resolve, onabort: reject }),
  );
  db.close();
  return result;
}

/** What is kept, or null. */
export async function read() {
  const found = await rows("readonly", (people) => people.getAll()).catch(() => []);
  return found.at(-1) ?? null;
}

/** Writes back what a page changed. */
export const put = (kept) => rows("readwrite", (people) => people.put(kept));

/** The next page fills it anew. */
export async function makeStale() {
  const kept = await read();
  if (kept) await put({ ...kept, isWhole: false, madeAt: 0 });
}

export async function empty() {
  await Promise.all([
    rows("readwrite", (people) => people.clear()).catch(() => {}),
    caches.delete(CACHE),
  ]);
}

const soundsOf = ({ prompts, answers }) =>
  [...prompts.map(({ player }) => player.src), ...answers.map(({ src }) => src)].filter(Boolean);

/** Fetches what is missing, one after the other, and lets go of what is not listed any more. */
async function keepSounds(wanted) {
  const cache = await caches.open(CACHE);
  const kept = new Map(
    (await cache.keys()).map((request) => [new URL(request.url).pathname, request]),
  );
  for (const [path, request] of kept) if (!wanted.includes(path)) await cache.delete(request);
  for (const path of wanted.filter((one) => !kept.has(one))) {
    const answer = await fetch(path);
    const isSound =
      answer.status === 200 && (answer.headers.get("Content-Type") ?? "").startsWith("audio/");
    if (isSound) await cache.put(path, answer);
  }
}

/** Brings the shelf up to date for this person. Resolves false when there was no room or no network. */
export async function fill(url, user) {
  try {
    const answer = await fetch(url, { headers: { "X-Wants": "json" } });
    const told = answer.ok && !answer.redirected ? await answer.json() : null;
    if (told?.user !== user) return false;
    const before = await read();
    if (before && before.user !== user) await empty();
    const marks = before?.user === user ? (before.marks ?? []) : [];
    await put({ ...told, marks, isWhole: false, madeAt: Date.now() });
    await keepSounds(soundsOf(told));
    await put({ ...told, marks, isWhole: true, madeAt: Date.now() });
    return true;
  } catch {
    return false; // a full disk, a private window, no network: the app works without a shelf
  }
}

/** How cards went in a tunnel; `send` resolves with true when the server has taken one, or never will. */
export async function tellMarks(user, send) {
  const kept = await read();
  if (kept?.user !== user || !kept.marks?.length) return;
  const left = [];
  for (const mark of kept.marks) if (!(await send(mark))) left.push(mark);
  await put({ ...kept, marks: left });
}
