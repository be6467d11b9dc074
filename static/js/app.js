// The installed app's side of every page: registers the worker, offers a new release, keeps the offline store filled for who is
// signed in and empty for anybody else.
import { post } from "opic/shared/csrf";
import { clear, fill, makeStale, read, sendCardResults } from "opic/offline/offline-store";
import { wordsOf } from "opic/shared/words";

const FRESH = 10 * 60_000;
const user = document.body.dataset.user ?? "";
const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 1500));

/** A new release waits: not in the middle of a test or of an answer, and never by itself. */
function offerRelease(worker) {
  const isBusy = () =>
    document.querySelector(
      "opic-sitting, opic-recorder[data-state=recording], opic-recorder[data-state=paused]",
    );
  if (isBusy()) return;
  const toasts = document.getElementById("toasts");
  const words = wordsOf(toasts);
  const toast = Object.assign(document.createElement("div"), { className: "toast", id: "release" });
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "btn btn-sm btn-primary",
  });
  button.textContent = words("release-take");
  button.onclick = () => {
    if (isBusy()) return;
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), {
      once: true,
    });
    worker.postMessage("take-over");
  };
  toast.append(words("release"), " ", button);
  document.getElementById("release")?.remove();
  toasts.append(toast);
}

async function register() {
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const look = (worker) =>
    worker?.state === "installed" && navigator.serviceWorker.controller && offerRelease(worker);
  look(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker.addEventListener("statechange", () => look(worker));
  });
  return navigator.serviceWorker.ready;
}

/** The page without a network speaks the language that was read last. */
function refreshShellLanguage(registration) {
  const { lang } = document.documentElement;
  if (localStorage.getItem("opic-shell") === lang) return;
  registration.active?.postMessage("shell-again");
  localStorage.setItem("opic-shell", lang);
}

/** Taken, or gone: either way it is not asked again. A sign-in or a server that is away is waited for. */
async function sendCardResult({ url, result, answered_at }) {
  const { ok, status } = await post(url, { result, answered_at });
  return ok || status === 404 || status === 422;
}

async function updateOfflineStore() {
  const saved = await read();
  if (!user) return saved && clear();
  await sendCardResults(user, sendCardResult).catch(() => {});
  const isFresh = saved?.user === user && saved.isWhole && Date.now() - saved.madeAt < FRESH;
  if (!isFresh && !navigator.connection?.saveData)
    await fill(document.body.dataset.offlineStore, user);
}

if ("serviceWorker" in navigator) {
  addEventListener("load", () =>
    idle(async () => {
      try {
        refreshShellLanguage(await register());
        await updateOfflineStore();
      } catch {
        // a browser that refuses workers or storage: everything else works
      }
    }),
  );
  document.addEventListener(
    "submit",
    ({ target }) => target.matches("form[data-signs-out]") && clear(),
  );
  // a new answer: the offline store is to be filled again; one that waits: the browser may send it though the page is gone
  if (user) {
    import("opic/outbox/upload-queue")
      .then(({ watch }) =>
        watch(async ({ type }) => {
          if (type === "saved") await makeStale().catch(() => {});
          if (type !== "waiting") return;
          const registration = await navigator.serviceWorker.getRegistration();
          registration?.sync?.register("opic-outbox").catch(() => {});
        }),
      )
      .catch(() => {}); // some browsers reject what a page was fetching when it is left
  }
}
