// Whether the server replies again. `navigator.onLine` lies: the wireless network of a train in a tunnel is a network.

const ADDRESS = "/healthz";
const PATIENCE = 10_000;
const SOON = 1_500;
const WAITS = [5_000, 10_000, 30_000, 60_000]; // until the next request, while nothing replies
const BETWEEN = 5_000; // while it replies and the page stays

/** A reply of the server itself: no redirect to somebody's sign-in page, no error of what stands before it. */
async function replies() {
  try {
    const reply = await fetch(ADDRESS, {
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return reply.status < 500;
  } catch {
    return false;
  }
}

/**
 * Asks again and again, and calls `tell` with the number of replies in a row, 0 when there was none.
 * Returns "ask at once" and "stop".
 */
export function watchServer(tell) {
  let inARow = 0;
  let misses = 0;
  let isAsking = false;
  let isStopped = false;
  let timer;

  async function ask() {
    if (isAsking || isStopped) return;
    isAsking = true;
    clearTimeout(timer);
    if (await replies()) {
      inARow += 1;
      misses = 0;
    } else {
      inARow = 0;
      misses += 1;
    }
    isAsking = false;
    if (isStopped) return;
    tell(inARow);
    const pause = inARow ? BETWEEN : WAITS[Math.min(misses, WAITS.length) - 1];
    timer = setTimeout(ask, inARow === 1 ? SOON : pause);
  }

  ask();
  return {
    askAtOnce() {
      inARow = misses = 0;
      return ask();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
