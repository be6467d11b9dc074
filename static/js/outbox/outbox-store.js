// What was said and is not on the server yet: one row an answer, one record a chunk, in IndexedDB.
// Bytes, not Blobs or Requests: some browsers lose those. What the disk refuses (quota, private window) or does not
// take in time is held in memory from then on, and `isOnlyInMemory` says so: then closing the page would lose it.
import { openDB } from "idb";

const STORES = ["answers", "chunks", "lease"];
// an IndexedDB that never opens, and a transaction that never ends, have been seen; nothing must wait for them
const PATIENCE = 4000;
const LITTLE_PATIENCE = 500; // after that had to be waited for, until the store works again
const inMemory = new Map(); // key -> { row, chunks }
let opening;
let patience = PATIENCE;

const forget = () => (opening = undefined);

const open = () =>
  openDB("opic-outbox", 1, {
    upgrade(db) {
      db.createObjectStore("answers", { keyPath: "key" });
      db.createObjectStore("chunks", { keyPath: ["key", "segment", "index"] });
      db.createObjectStore("lease", { keyPath: "id" });
    },
    blocking: (_current, _wanted, { target }) => forget(target.close()),
    terminated: forget,
  });

/** One transaction; resolves with what `work` asked for, once it is on the disk, and rejects when that takes too long. */
async function transact(mode, work) {
  opening ??= open();
  const mine = opening;
  const job = run(mine, mode, work);
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      patience = LITTLE_PATIENCE;
      forget(); // the next try opens the database anew
      reject(new Error("IndexedDB does not answer"));
    }, patience);
  });
  const end = () => opening !== mine && mine.then((db) => db.close()).catch(() => {});
  // it may end after its time, well or badly
  job
    .then(() => (patience = PATIENCE))
    .catch(() => {})
    .finally(end);
  return Promise.race([job, tooLate]).finally(() => clearTimeout(timer));
}

async function run(mine, mode, work) {
  const db = await mine.catch((error) => {
    forget();
    throw error;
  });
  const transaction = db.transaction(STORES, mode, { durability: "strict" });
  const stores = STORES.map((name) => transaction.objectStore(name));
  const [result] = await Promise.all([work(...stores), transaction.done]);
  return result;
}

const allOf = (key) => IDBKeyRange.bound([key], [key, []]);

/** From here on this answer lives in memory; what already lies on the disk stays there, too. */
async function hold(key, row) {
  const last = row ?? (await find(key));
  if (last && !inMemory.has(key)) inMemory.set(key, { row: last, chunks: [] });
}

async function write(key, work, row) {
  if (!inMemory.has(key)) await transact("readwrite", work).catch(() => hold(key, row));
}

export const isOnlyInMemory = (key) => (key ? inMemory.has(key) : inMemory.size > 0);

/** Chunk and its place in the row's list of sizes go together, so that a lost one is noticed. */
export async function addChunk(row, segment, index, data) {
  row.segments[segment].sizes[index] = data.size;
  // WebKit fails to read some of its own blobs, and reads them at the second try
  const bytes = await data.arrayBuffer().catch(() => data.arrayBuffer());
  const chunk = { key: row.key, segment, index, bytes };
  await write(
    row.key,
    (answers, chunks) => Promise.all([chunks.put(chunk), answers.put(row)]),
    row,
  );
  inMemory.get(row.key)?.chunks.push(chunk);
}

/** Changes a row that is still there; `update` may be a function of the row as it is now. */
export async function change(key, update) {
  const changed = (row) => ({ ...row, ...(typeof update === "function" ? update(row) : update) });
  await write(key, async (answers) => {
    const row = await answers.get(key);
    if (row) await answers.put(changed(row));
  });
  const held = inMemory.get(key);
  if (held) held.row = changed(held.row);
}

export async function find(key) {
  return (
    inMemory.get(key)?.row ??
    transact("readonly", (answers) => answers.get(key)).catch(() => undefined)
  );
}

/** Every row, oldest first, whoever spoke. */
export async function rows() {
  const stored = await transact("readonly", (answers) => answers.getAll()).catch(() => []);
  const all = new Map(stored.map((row) => [row.key, row]));
  inMemory.forEach(({ row }, key) => all.set(key, row));
  return [...all.values()].sort((a, b) => a.recordedAt.localeCompare(b.recordedAt));
}

/** The bytes of an answer: per segment an array of chunks, with holes where one was lost. */
export async function chunksOf(row) {
  const reading = transact("readonly", (_, chunks) => chunks.getAll(allOf(row.key)));
  const stored = await reading.catch(() => []);
  const segments = row.segments.map(() => []);
  for (const { segment, index, bytes } of [...stored, ...(inMemory.get(row.key)?.chunks ?? [])]) {
    segments[segment][index] = bytes;
  }
  return segments;
}

export async function drop(key) {
  inMemory.delete(key);
  await transact("readwrite", (answers, chunks) =>
    Promise.all([answers.delete(key), chunks.delete(allOf(key))]),
  ).catch(() => {});
}

/** For browsers without Web Locks: true if this page may send for the next `milliseconds`. */
export async function takeLease(owner, milliseconds) {
  let isMine = true;
  await transact("readwrite", async (_answers, _chunks, leases) => {
    const lease = await leases.get(1);
    const now = Date.now();
    isMine = !lease || lease.owner === owner || lease.until < now;
    if (isMine) await leases.put({ id: 1, owner, until: now + milliseconds });
  }).catch(() => {});
  return isMine;
}
