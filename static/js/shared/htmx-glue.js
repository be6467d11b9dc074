// The only listener to htmx events: what went wrong is said, and the control lives on; a saved answer brings its
// rating panel; focus follows a swap that asks for it; what is folded open stays open.
import { renew } from "opic/shared/csrf";
import { wordsOf } from "opic/shared/words";

const STAYS = 8000;

/** A sentence for everybody: seen, and read aloud by the live region it stands in. */
function showToast(key) {
  const toasts = document.getElementById("toasts");
  const text = wordsOf(toasts)(key) || wordsOf(toasts)("error");
  if (!text) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append(text);
  toasts.append(toast);
  setTimeout(() => toast.remove(), STAYS);
}

const ignore = () => {}; // what fails is said by the listeners below

const KEYS = { 401: "signed-out", 403: "error", 404: "gone", 413: "too-large", 429: "slow-down" };

function onResponseError({ detail }) {
  const { xhr, requestConfig } = detail;
  const token = xhr.status === 403 && xhr.getResponseHeader("X-CSRF-Token");
  if (token && !requestConfig.headers["X-Again"]) {
    renew(token);
    const { verb, path, elt, target, parameters } = requestConfig;
    delete parameters.csrfmiddlewaretoken; // read before the header; the form has a fresh one by now
    return htmx
      .ajax(verb, path, {
        source: elt,
        target,
        values: parameters,
        headers: { "X-Again": "1", "X-CSRFToken": token },
      })
      .catch(ignore);
  }
  if (xhr.status === 401 && xhr.getResponseHeader("X-Sign-In")) showToast("signed-out");
  else showToast(KEYS[xhr.status] ?? "error");
}

function onSettle({ detail }) {
  const wanted = detail.elt?.querySelector?.("[autofocus], [data-focus]");
  wanted?.focus();
}

let unfolded = [];

const rememberUnfolded = ({ target }) =>
  (unfolded = [...target.querySelectorAll("details[open][id]")].map(({ id }) => id));

/** A target is looked up when a request begins; another swap may have put a new one in its place since. */
function onReply({ detail }) {
  const { target } = detail;
  const replacement = !target.isConnected && target.id && document.getElementById(target.id);
  if (!replacement) return;
  detail.target = replacement;
  rememberUnfolded(detail); // htmx:beforeSwap goes to the target that has left, so it is not heard here
}

document.addEventListener("htmx:beforeOnLoad", onReply);
document.addEventListener("htmx:beforeSwap", ({ detail }) => rememberUnfolded(detail));
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded = [];
});
document.addEventListener("htmx:responseError", onResponseError);
document.addEventListener("htmx:sendError", () => showToast("offline"));
document.addEventListener("htmx:timeout", () => showToast("offline"));
document.addEventListener("htmx:afterSettle", onSettle);
document.addEventListener("upload:saved", ({ detail }) => {
  if (!document.getElementById("response-rating")) return;
  htmx
    .ajax("GET", detail.ratingUrl, { target: "#response-rating", swap: "outerHTML" })
    .catch(ignore);
});
