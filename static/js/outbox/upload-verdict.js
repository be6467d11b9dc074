// What a reply to an upload means for the queue:
//   { saved: reply } | { again: true, after?: seconds } | { refused: { code, message, link, keep } }

const PASSING = new Set([0, 408, 425, 429]);
const DAMAGED = new Set(["missing_chunk", "bad_manifest"]); // may be the network's doing: worth some tries
const TRIES_WHEN_DAMAGED = 4;
const LONGEST_WAIT = 300; // seconds

export const refusal = (code, reply) => ({
  refused: {
    code,
    message: reply?.message ?? "",
    link: reply?.sign_in_url ?? reply?.consent_url ?? "",
    keep: reply?.keep !== false,
    mayKeepPartial: Boolean(reply?.can_keep_partial),
  },
});

/** How long the server asks us to wait; some send a date, which our own waits cover. */
export const seconds = (header) => Math.min(Math.max(Number(header) || 0, 0), LONGEST_WAIT);

/** The JSON in a text, or null. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Status 0: no reply at all. `hasGap`: bytes are missing on this device already; `tries`: those before this one. */
export function verdictOf({ status, text, retryAfter }, hasGap, tries) {
  const reply = parsed(text);
  if (status >= 200 && status < 300 && reply?.status === "saved") return { saved: reply };
  if (PASSING.has(status) || status >= 500) return { again: true, after: seconds(retryAfter) };
  if (reply?.status === "refused") {
    const isPassing = DAMAGED.has(reply.code) && !hasGap && tries < TRIES_WHEN_DAMAGED;
    return isPassing ? { again: true } : refusal(reply.code, reply);
  }
  // an answer that is not ours: 4xx is a wall in front of us, anything else a captive portal
  return status >= 400 ? refusal(status === 413 ? "too_large" : "other") : { again: true };
}
