// Where a browser asks for trusted types: the one door for text that becomes markup, or the address of a script. htmx
// parses what our server sent into a document in which nothing runs, and writes one constant for what it preserves; the
// service worker has one address. All else is refused. A plain script, before htmx.
const PARSERS = ["Document parseHTMLUnsafe", "DOMParser parseFromString"];
const PANTRY = "<div id='--htmx-preserve-pantry--'></div>";
globalThis.trustedTypes?.createPolicy("default", {
  createHTML: (text, _type, sink) => (PARSERS.includes(sink) || text === PANTRY ? text : null),
  createScriptURL: (url, _type, sink) =>
    sink === "ServiceWorkerContainer register" && url === "/sw.js" ? url : null,
});
