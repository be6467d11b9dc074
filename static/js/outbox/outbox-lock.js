// Who sends: a web lock where the browser has them, else a lease in the outbox's own database.
import { takeLease } from "opic/outbox/outbox-store";

const LEASE = 30_000;
const LOCK_PATIENCE = 180_000; // a page the phone has put to sleep may hold the lock for ever

const me = Math.random().toString(36).slice(2);

/** One page of this browser at a time. Two would do no harm (same key, same answer), only twice the traffic. */
export async function alone(job) {
  if (!navigator.locks) {
    if (!(await takeLease(me, LEASE))) return;
    const renewal = setInterval(() => takeLease(me, LEASE), LEASE / 3);
    await job().finally(() => clearInterval(renewal));
    await takeLease(me, 0);
    return;
  }
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), LOCK_PATIENCE);
  const held = async () => {
    clearTimeout(timer);
    await job();
  };
  await navigator.locks.request("opic-outbox", { signal: giveUp.signal }, held).catch((error) => {
    if (giveUp.signal.aborted) return navigator.locks.request("opic-outbox", { steal: true }, job);
    if (error.name !== "AbortError") throw error; // AbortError: another page took the lock over
  });
}
