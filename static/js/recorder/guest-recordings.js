// What guests said, on this device only and for a week; which of it this tab heard; and where the server's short-lived
// copy is. A tab's marks end with the tab: whoever signs in later, or in another one, is asked whose it is.
import { drop } from "opic/outbox/outbox-store";
import { unsent } from "opic/outbox/upload-queue";
import { postForm } from "opic/shared/csrf";

const GUEST = "guest";
const MOST_AGE = 7 * 24 * 3600_000;
const KEYS = "opic-guest-keys";
const ANSWER = "opic-guest-answer";
export const TOKEN_HEADER = "X-Guest-Answer";

/** Recordings of guests that are not too old; the older ones are deleted on the way. */
export async function recordings() {
  const rows = await unsent(GUEST);
  const isOld = ({ recordedAt }) => Date.now() - new Date(recordedAt) > MOST_AGE;
  await Promise.all(rows.filter(isOld).map(({ key }) => drop(key)));
  return rows.filter((row) => !isOld(row) && row.segments.length);
}

function read(name, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise; // a browser that forbids it: then the person is asked
  }
}

function write(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // as above
  }
}

export const markAsOurs = (key) => write(KEYS, [...new Set([...read(KEYS, []), key])]);
export const isOurs = (key) => read(KEYS, []).includes(key);

/** The signed mark under which the server's copy of this recording is, or "". */
export const tokenOf = (key) => read(ANSWER, {})[key] ?? "";
export const setToken = (key, token) => write(ANSWER, { [key]: token });
export const dropToken = () => write(ANSWER, null);

/** Has the server's copy deleted now, not within the hour. What fails is deleted by itself. */
export async function forget(url) {
  const tokens = Object.values(read(ANSWER, {}));
  dropToken();
  for (const token of tokens)
    await postForm(url, new FormData(), { [TOKEN_HEADER]: token }).catch(() => {});
}
