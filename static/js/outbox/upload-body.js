// What is posted for one answer of the outbox. No imports, no exports: pages load it as a module, the service worker
// as a plain script; both find it as `opicUploadBody`.
{
  async function sha256(chunks) {
    const joined = await new Blob(chunks).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Up to its first gap; what comes behind one cannot be decoded. */
  const gapless = (chunks, { sizes }) => {
    const end = sizes.findIndex(
      (size, index) => !chunks[index] || chunks[index].byteLength !== size,
    );
    return end < 0 ? chunks : chunks.slice(0, end);
  };

  /** `stored`: per segment an array of chunks. Resolves with { body: FormData, size in bytes, hasGap }. */
  globalThis.opicUploadBody = async (row, stored) => {
    const body = new FormData();
    const segments = [];
    let hasGap = false;
    let size = 0;
    for (const [segment, listed] of row.segments.entries()) {
      const chunks = gapless(stored[segment], listed);
      const isWhole = chunks.length === listed.sizes.length;
      hasGap ||= !isWhole;
      // a lost chunk leaves a hole in the list; any size but zero marks it as missing
      const sizes = Array.from(listed.sizes, (bytes) => bytes ?? 1);
      segments.push({ sizes, sha256: isWhole && chunks.length ? await sha256(chunks) : "" });
      chunks.forEach((bytes, index) => {
        body.append(`chunk-${segment}-${index}`, new Blob([bytes]), "chunk");
        size += bytes.byteLength;
      });
    }
    const { key, mime, recordedAt, timeZone, elapsedMs, acceptPartial = false } = row;
    body.append(
      "manifest",
      JSON.stringify({
        v: 1,
        key,
        mime,
        recorded_at: recordedAt,
        time_zone: timeZone,
        elapsed_ms: Math.round(elapsedMs),
        accept_partial: acceptPartial,
        segments,
      }),
    );
    return { body, size, hasGap };
  };
}
