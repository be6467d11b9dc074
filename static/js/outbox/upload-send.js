// One try to hand one answer over. Never throws: it comes back with a verdict for the queue,
//   { saved: reply } | { again: true, after?: seconds } | { refused: { code, message, link, keep } }
import "opic/outbox/upload-body";
import { post } from "opic/shared/csrf";
import * as store from "opic/outbox/outbox-store";

const SLOWEST = 4; // bytes a millisecond: below that a connection counts as dead
const PASSING = new Set([0, 408, 425, 429]);
const DAMAGED = new Set(["missing_chunk", "bad_manifest"]); // may be the network's doing: worth some tries
const TRIES_WHEN_DAMAGED = 4;
const LONGEST_WAIT = 300; // seconds

/** Whose page this is; empty when nobody is signed in. */
export const pageUser = () =>
  document.querySelector("opic-outbox, opic-recorder, opic-sitting")?.getAttribute("user") ?? "";

const refusal = (code, reply) => ({
  refused: {
    code,
    message: reply?.message ?? "",
    link: reply?.sign_in_url ?? reply?.consent_url ?? "",
    keep: reply?.keep !== false,
    mayKeepPartial: Boolean(reply?.can_keep_partial),
  },
});

/** How long the server asks us to wait; some send a date, which our own waits cover. */
const seconds = (header) => Math.min(Math.max(Number(header) || 0, 0), LONGEST_WAIT);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A fresh token for the answer's own key; only for its own speaker, never as whoever is signed in now. */
async function reticket(row) {
  if (row.user !== pageUser()) return refusal("token");
  try {
    const response = await post(row.ticketUrl, { key: row.key, user: row.user });
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

function transmit(row, token, { body, size }, onProgress) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", row.url);
    xhr.timeout = 60_000 + size / SLOWEST;
    xhr.setRequestHeader("X-Upload-Token", token);
    xhr.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    xhr.onloadend = () => resolve(xhr);
    xhr.send(body);
  });
}

function verdictOf(xhr, { hasGap }, tries) {
  const { status } = xhr;
  const reply = parsed(xhr.responseText);
  if (status >= 200 && status < 300 && reply?.status === "saved") return { saved: reply };
  if (PASSING.has(status) || status >= 500) {
    return { again: true, after: seconds(xhr.getResponseHeader("Retry-After")) };
  }
  if (reply?.status === "refused") {
    const isPassing = DAMAGED.has(reply.code) && !hasGap && tries < TRIES_WHEN_DAMAGED;
    return isPassing ? { again: true } : refusal(reply.code, reply);
  }
  // an answer that is not ours: 4xx is a wall in front of us, anything else a captive portal
  return status >= 400 ? refusal(status === 413 ? "too_large" : "other") : { again: true };
}

export async function send(row, onProgress) {
  const upload = await uploadBody(row);
  const attempt = async (token) =>
    verdictOf(await transmit(row, token, upload, onProgress), upload, row.tries);
  const verdict = row.token ? await attempt(row.token) : refusal("token");
  if (verdict.refused?.code !== "token") return verdict;
  const fresh = await reticket(row);
  // left empty, the next try asks for a ticket before it sends the bytes
  await store.change(row.key, { token: fresh.token ?? "" });
  if (fresh.token) return attempt(fresh.token);
  return fresh.refused ? verdict : fresh;
}
