// Recordings that were not submitted. A page holds a lock on the draft it looks after; one that nobody holds was
// left behind by a reload, a crash or another page, and may be offered again.
import { find } from "opic/outbox/outbox-store";
import { unsent } from "opic/outbox/upload-queue";

const lockOf = (key) => `opic-take-${key}`;

/** Makes a draft this page's own. Resolves with a way to let go of it, or with null: another page has it. */
export const adopt = (key) =>
  new Promise((resolve) => {
    if (!navigator.locks) return resolve(() => {});
    navigator.locks.request(lockOf(key), { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((letGo) => resolve(letGo));
    });
  });

/** What this person has waiting, and drafts that no open page looks after. */
export async function abandonedOrWaiting(user) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const alive = new Set(held.map(({ name }) => name));
  return (await unsent(user)).filter(
    ({ state, key }) => state !== "draft" || !alive.has(lockOf(key)),
  );
}

/** A row for a new answer, under the next ticket nobody has used, and the hold on it. */
export async function newDraft(host, tickets) {
  for (;;) {
    // no ticket left and no network: a key of our own, permission is asked for when it is sent
    const { key, token } = tickets.shift() ?? { key: crypto.randomUUID(), token: "" };
    const letGo = (await find(key)) ? null : await adopt(key);
    if (!letGo) continue;
    const [user, url, ticketUrl, label] = ["user", "upload-url", "ticket-url", "label"].map(
      (name) => host.getAttribute(name),
    );
    const row = {
      key,
      token,
      user,
      url,
      ticketUrl,
      label,
      mime: "",
      segments: [],
      elapsedMs: 0,
      state: "draft",
      recordedAt: new Date().toISOString(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      tries: 0,
      nextTryAt: 0,
    };
    return { row, letGo };
  }
}
