// May the page that was asked for open by itself? Once in a while only: else one that fails though the server replies
// would be tried again and again.

const OPENED_AT = "opic-opened-at";
const OPEN_EVERY = 60_000;

/** Whether it may now; and if so, it counts as opened. */
export function mayOpen() {
  try {
    if (Date.now() - Number(sessionStorage.getItem(OPENED_AT)) < OPEN_EVERY) return false;
    sessionStorage.setItem(OPENED_AT, Date.now());
    return true;
  } catch {
    return false; // nothing can be remembered: the button opens it
  }
}
