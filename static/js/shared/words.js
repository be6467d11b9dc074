// The server's words: every sentence a script shows stands in a <template data-texts>, already translated.

/** words("key", n): the sentence, with [n] filled in; words("key", 1) prefers "key-one" where it exists. */
export function wordsOf(root) {
  const source = root?.querySelector("template[data-texts]")?.content;
  const find = (key) => source?.querySelector(`[data-text="${key}"]`);
  return (key, n = "") => {
    const found = (n === 1 && find(`${key}-one`)) || find(key);
    return found ? found.textContent.replace(/\s+/g, " ").trim().replace("[n]", n) : "";
  };
}

/** A link to a place of ours, or nothing: an address from elsewhere is never followed. */
export function linkTo(url, label) {
  if (!/^\/(?![/\\])/.test(url ?? "") || !label) return "";
  const link = document.createElement("a");
  Object.assign(link, { href: url, textContent: label, target: "_blank", rel: "noopener" });
  return link;
}

export const minutes = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
