// Background sync: what waits in the outbox goes out though no page of ours is open. Only what needs no person: a row
// that is queued and carries its token. Everything else waits for a page. Same key on every try, as everywhere.
{
  const ask = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  async function outbox() {
    const names = (await indexedDB.databases?.()) ?? [{ name: "opic-outbox" }];
    if (!names.some(({ name }) => name === "opic-outbox")) return null;
    return ask(indexedDB.open("opic-outbox"));
  }

  const keysOf = (key) => IDBKeyRange.bound([key], [key, []]);

  async function send(db, row) {
    const stored = await ask(
      db.transaction("chunks").objectStore("chunks").getAll(keysOf(row.key)),
    );
    const segments = row.segments.map(() => []);
    for (const { segment, index, bytes } of stored) segments[segment][index] = bytes;
    const { body, hasGap } = await globalThis.opicUploadBody(row, segments);
    if (hasGap) return;
    const answer = await fetch(row.url, {
      method: "POST",
      body,
      headers: { "X-Upload-Token": row.token },
    });
    if (answer.status === 429 || answer.status >= 500) throw new Error("later");
    const reply = await answer.json().catch(() => null);
    if (!answer.ok || reply?.status !== "saved") return; // what a person has to see to, a page tells
    const deal = db.transaction(["answers", "chunks"], "readwrite");
    deal.objectStore("answers").delete(row.key);
    deal.objectStore("chunks").delete(keysOf(row.key));
    await new Promise((resolve, reject) =>
      Object.assign(deal, { oncomplete: resolve, onabort: reject }),
    );
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
      const rows = await ask(db.transaction("answers").objectStore("answers").getAll());
      for (const row of rows) {
        if ((row.state === "queued" || row.state === "sending") && row.token) await send(db, row);
      }
    });
    db.close();
  };
}
