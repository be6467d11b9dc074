// What was said and is not on the server yet: one row an answer, one record a chunk, in IndexedDB.
// Bytes, not Blobs or Requests: some browsers lose those. What the disk refuses (quota, private window) is
// held in memory from then on, and `isOnlyInMemory` says so: then closing the page would lose it.

const STORES = ["answers", "chunks", "lease"];
const PATIENCE = 4000; // an IndexedDB that never opens has been seen; memory must not wait for it
const held = new Map(); // key -> { row, chunks }
let opening;

function open() {
  return new Promise((resolve, reject) => {
    setTimeout(reject, PATIENCE, new Error("IndexedDB does not open"));
    const request = indexedDB.open("opic-outbox", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("answers", { keyPath: "key" });
      request.result.createObjectStore("chunks", { keyPath: ["key", "segment", "index"] });
      request.result.createObjectStore("lease", { keyPath: "id" });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
}

async function database() {
  opening ??= open();
  const forget = () => (opening = undefined);
  try {
    const db = await opening;
    db.onclose = forget;
    db.onversionchange = () => forget(db.close());
    return db;
  } catch (fault) {
    forget();
    throw fault;
  }
}

/** One transaction; resolves with what `work` asked for, once it is on the disk. */
async function transact(mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const deal = db.transaction(STORES, mode, { durability: "strict" });
    const asked = work(...STORES.map((name) => deal.objectStore(name)));
    deal.oncomplete = () => resolve(asked?.result);
    deal.onabort = deal.onerror = () => reject(deal.error);
  });
}

const allOf = (key) => IDBKeyRange.bound([key], [key, []]);

/** From here on this answer lives in memory; what already lies on the disk stays there, too. */
async function hold(key, row) {
  const last = row ?? (await find(key));
  if (last && !held.has(key)) held.set(key, { row: last, chunks: [] });
}

async function write(key, work, row) {
  if (!held.has(key)) await transact("readwrite", work).catch(() => hold(key, row));
}

export const isOnlyInMemory = (key) => (key ? held.has(key) : held.size > 0);

/** Chunk and its place in the row's list of sizes go together, so that a lost one is noticed. */
export async function addChunk(row, segment, index, data) {
  const bytes = await data.arrayBuffer();
  row.segments[segment].sizes[index] = bytes.byteLength;
  const chunk = { key: row.key, segment, index, bytes };
  await write(
    row.key,
    (answers, chunks) => {
      chunks.put(chunk);
      answers.put(row);
    },
    row,
  );
  held.get(row.key)?.chunks.push(chunk);
}

/** Changes a row that is still there; `update` may be a function of the row as it is now. */
export async function change(key, update) {
  const changed = (row) => ({ ...row, ...(typeof update === "function" ? update(row) : update) });
  await write(key, (answers) => {
    const asked = answers.get(key);
    asked.onsuccess = () => asked.result && answers.put(changed(asked.result));
  });
  const inMemory = held.get(key);
  if (inMemory) inMemory.row = changed(inMemory.row);
}

export async function find(key) {
  return (
    held.get(key)?.row ?? transact("readonly", (answers) => answers.get(key)).catch(() => undefined)
  );
}

/** Every row, oldest first, whoever spoke. */
export async function rows() {
  const stored = await transact("readonly", (answers) => answers.getAll()).catch(() => []);
  const all = new Map(stored.map((row) => [row.key, row]));
  held.forEach(({ row }, key) => all.set(key, row));
  return [...all.values()].sort((a, b) => a.recordedAt.localeCompare(b.recordedAt));
}

/** The bytes of an answer: per segment an array of chunks, with holes where one was lost. */
export async function chunksOf(row) {
  const stored = await transact("readonly", (_, chunks) => chunks.getAll(allOf(row.key))).catch(
    () => [],
  );
  const segments = row.segments.map(() => []);
  for (const { segment, index, bytes } of [...stored, ...(held.get(row.key)?.chunks ?? [])]) {
    segments[segment][index] = bytes;
  }
  return segments;
}

export async function drop(key) {
  held.delete(key);
  await transact("readwrite", (answers, chunks) => {
    answers.delete(key);
    chunks.delete(allOf(key));
  }).catch(() => {});
}

/** For browsers without Web Locks: true if this page may send for the next `milliseconds`. */
export async function takeLease(owner, milliseconds) {
  let isMine = true;
  await transact("readwrite", (_answers, _chunks, lease) => {
    const asked = lease.get(1);
    asked.onsuccess = () => {
      const now = Date.now();
      isMine = !asked.result || asked.result.owner === owner || asked.result.until < now;
      if (isMine) lease.put({ id: 1, owner, until: now + milliseconds });
    };
  }).catch(() => {});
  return isMine;
}
