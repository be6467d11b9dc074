// One try to hand one answer over. Never throws: it comes back with a verdict (upload-verdict) for the queue. Once its
// signal is aborted nothing more is sent; the verdict is then "again", which the queue ignores.
import "opic/outbox/upload-body";
import { post } from "opic/shared/csrf";
import * as store from "opic/outbox/outbox-store";
import { parsed, refusal, seconds, verdictOf } from "opic/outbox/upload-verdict";

const SLOWEST = 4; // bytes a millisecond: below that a connection counts as dead

/** Whose page this is; empty when nobody is signed in. */
export const pageUser = () =>
  document.querySelector("opic-outbox, opic-recorder, opic-sitting")?.getAttribute("user") ?? "";

/** A fresh token for the answer's own key; only for its own speaker, never as whoever is signed in now. */
async function reticket(row, signal) {
  if (row.user !== pageUser()) return refusal("token");
  try {
    const response = await post(row.ticketUrl, { key: row.key, user: row.user }, signal);
    if (response.status === 429 || response.status >= 500)
      return { again: true, after: seconds(response.headers.get("Retry-After")) };
    const ticket = parsed(await response.text());
    const isOurs = response.ok && ticket?.key === row.key && (ticket.user ?? row.user) === row.user;
    return isOurs ? { token: ticket.token } : refusal("token", ticket);
  } catch {
    return { again: true };
  }
}

const uploadBody = async (row) => globalThis.opicUploadBody(row, await store.chunksOf(row));

function transmit(row, token, { body, size }, { onProgress, signal }) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ status: 0, text: "" });
    const xhr = new XMLHttpRequest();
    xhr.open("POST", row.url);
    xhr.timeout = 60_000 + size / SLOWEST;
    xhr.setRequestHeader("X-Upload-Token", token);
    xhr.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    xhr.onloadend = () =>
      resolve({
        status: xhr.status,
        text: xhr.responseText,
        retryAfter: xhr.getResponseHeader("Retry-After"),
      });
    signal.addEventListener("abort", () => xhr.abort());
    xhr.send(body);
  });
}

export async function send(row, { onProgress, signal }) {
  // some browsers fail to read what they hold when the page is being left
  const upload = await uploadBody(row).catch(() => null);
  if (!upload) return { again: true };
  const attempt = async (token) =>
    verdictOf(await transmit(row, token, upload, { onProgress, signal }), upload.hasGap, row.tries);
  const verdict = row.token ? await attempt(row.token) : refusal("token");
  if (verdict.refused?.code !== "token") return verdict;
  const fresh = await reticket(row, signal);
  // left empty, the next try asks for a ticket before it sends the bytes
  await store.change(row.key, { token: fresh.token ?? "" });
  if (fresh.token) return attempt(fresh.token);
  return fresh.refused ? verdict : fresh;
}
