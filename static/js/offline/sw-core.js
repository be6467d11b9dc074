// The rules of the service worker. Static files by their hashed names, from the cache; pages always from the network,
// and without one the page for that; sound from the offline store when the network does not answer, in byte ranges.
// No page of anybody's ever enters a cache: only what `shell` and the offline store's script put there.
{
  const PREFIX = "opic-static-";
  const STORE = "opic-shelf";
  const { shell, offline } = self.OPIC;
  const release =
    PREFIX +
    shell
      .join()
      .split("")
      .reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) >>> 0, 7);
  const folder = new URL(shell[0], location).pathname.split("/").slice(0, 2).join("/") + "/";

  const isGood = (response, type) =>
    response.ok &&
    !response.redirected &&
    (response.headers.get("Content-Type") ?? "").includes(type);

  async function cacheShell() {
    const cache = await caches.open(release);
    const page = await fetch(offline, { cache: "no-store" });
    if (!isGood(page, "text/html")) throw new Error("no page for a time without a network");
    await cache.put(offline, page);
  }

  async function install() {
    const cache = await caches.open(release);
    await Promise.all([cache.addAll(shell), cacheShell()]);
  }

  /** The release before this one stays: a page that was open may still ask for its files. */
  async function activate() {
    const releases = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
    const cached = new Set([release, releases.filter((name) => name !== release).at(-1)]);
    await Promise.all(
      releases.filter((name) => !cached.has(name)).map((name) => caches.delete(name)),
    );
    await self.clients.claim();
  }

  async function fromStatic(request) {
    const cached = await caches.match(request, { ignoreVary: true });
    if (cached) return cached;
    const response = await fetch(request);
    if (response.ok && response.status === 200 && !isGood(response, "text/html")) {
      const copy = response.clone();
      caches
        .open(release)
        .then((cache) => cache.put(request, copy))
        .catch(() => {});
    }
    return response;
  }

  async function page(request) {
    try {
      return await fetch(request);
    } catch (error) {
      const cached = await caches.match(offline, { ignoreVary: true });
      if (!cached) throw error;
      return cached;
    }
  }

  /** A piece of what is cached, as RFC 9110 has it; without Range the whole. */
  async function piece(cached, range) {
    const wanted = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
    if (!wanted || (!wanted[1] && !wanted[2])) return cached;
    const bytes = await cached.arrayBuffer();
    const size = bytes.byteLength;
    const first = wanted[1] ? Number(wanted[1]) : Math.max(size - Number(wanted[2]), 0);
    const last = wanted[1] && wanted[2] ? Math.min(Number(wanted[2]), size - 1) : size - 1;
    const headers = {
      "Content-Type": cached.headers.get("Content-Type"),
      "Accept-Ranges": "bytes",
    };
    if (first > last)
      return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${size}` } });
    headers["Content-Range"] = `bytes ${first}-${last}/${size}`;
    headers["Content-Length"] = String(last - first + 1);
    return new Response(bytes.slice(first, last + 1), { status: 206, headers });
  }

  async function sound(request) {
    try {
      return await fetch(request);
    } catch (error) {
      const store = (await caches.has(STORE)) && (await caches.open(STORE));
      const cached = store && (await store.match(request.url, { ignoreVary: true }));
      if (!cached) throw error;
      return piece(cached, request.headers.get("Range"));
    }
  }

  const isSound = ({ pathname }) =>
    /^\/materials\/clips\/|^\/responses\/.*\/(audio|better)\/$/.test(pathname);

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (url.pathname.startsWith(folder)) event.respondWith(fromStatic(request));
    else if (request.mode === "navigate") event.respondWith(page(request));
    else if (isSound(url)) event.respondWith(sound(request));
  });
  self.addEventListener("message", (event) => {
    if (event.data === "take-over") self.skipWaiting();
    if (event.data === "shell-again") event.waitUntil(cacheShell().catch(() => {}));
  });
  self.addEventListener(
    "sync",
    (event) => event.tag === "opic-outbox" && event.waitUntil(self.opicSync()),
  );
  self.addEventListener("push", (event) => self.opicPush?.(event));
  self.addEventListener("notificationclick", (event) => self.opicClick?.(event));
}
