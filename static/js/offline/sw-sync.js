// Background sync: what waits in the outbox goes out though no page of ours is open. Only what needs no person: a row
// that is queued and carries its token. Everything else waits for a page. Same key on every try, as everywhere.
{
  async function outbox() {
    const names = (await indexedDB.databases?.()) ?? [{ name: "opic-outbox" }];
    if (!names.some(({ name }) => name === "opic-outbox")) return null;
    return idb.openDB("opic-outbox");
  }

  const keysOf = (key) => IDBKeyRange.bound([key], [key, []]);

  async function send(db, row) {
    const stored = await db.getAll("chunks", keysOf(row.key));
    const segments = row.segments.map(() => []);
    for (const { segment, index, bytes } of stored) segments[segment][index] = bytes;
    const { body, hasGap } = await globalThis.opicUploadBody(row, segments);
    if (hasGap) return;
    const response = await fetch(row.url, {
      method: "POST",
      body,
      headers: { "X-Upload-Token": row.token },
    });
    if (response.status === 429 || response.status >= 500) throw new Error("later");
    const reply = await response.json().catch(() => null);
    if (!response.ok || reply?.status !== "saved") return; // what a person has to see to, a page tells
    const transaction = db.transaction(["answers", "chunks"], "readwrite");
    await Promise.all([
      transaction.objectStore("answers").delete(row.key),
      transaction.objectStore("chunks").delete(keysOf(row.key)),
      transaction.done,
    ]);
    new BroadcastChannel("opic-outbox").postMessage({
      type: "saved",
      key: row.key,
      url: row.url,
      user: row.user,
      reply,
    });
  }

  /** Rejects when something is left, so that the browser asks again. */
  self.opicSync = async () => {
    const pages = await self.clients.matchAll({ type: "window" });
    if (pages.some(({ visibilityState }) => visibilityState === "visible")) return; // a page does it, and better
    const db = await outbox();
    if (!db?.objectStoreNames.contains("answers")) return;
    await navigator.locks.request("opic-outbox", async () => {
      const rows = await db.getAll("answers");
      for (const row of rows) {
        if ((row.state === "queued" || row.state === "sending") && row.token) await send(db, row);
      }
    });
    db.close();
  };
}
