"""The installed product in a test: what it keeps, and the way into a tunnel and out."""

from tests.browser.people import expect_result, record, responses_of, sign_up, submit, wait_until

STORED_TEXTS = """async () => {
  const open = (name) => new Promise((done) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  });
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await open(name);
    for (const store of db.objectStoreNames) {
      const rows = await new Promise((done) => {
        const request = db.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => done(request.result);
      });
      found.push(...rows.map((row) => JSON.stringify(row)));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      const type = answer.headers.get("Content-Type") ?? "";
      const isText = /text|json|javascript/.test(type);
      found.push(request.url + " " + (isText ? await answer.text() : type));
    }
  }
  for (let n = 0; n < localStorage.length; n += 1) {
    found.push(localStorage.key(n) + "=" + localStorage.getItem(localStorage.key(n)));
  }
  return found;
}"""


WHOLE = """() => new Promise((done) => {
  const opening = indexedDB.open('opic-shelf');
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => done(false);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('people').objectStore('people').getAll();
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.some(({ isWhole }) => isWhole));
    };
  };
})"""
PIECES = """async () => {
  const src = document.querySelector('.kept-answer audio').src;
  const ask = async (range) => {
    const answer = await fetch(src, range && { headers: { Range: range } });
    const size = (await answer.arrayBuffer()).byteLength;
    return [answer.status, answer.headers.get('Content-Range'), size];
  };
  const found = [await ask()];
  for (const part of ['0-99', '100-', '-50', '99999999-']) found.push(await ask(`bytes=${part}`));
  return found;
}"""
STORED_PAGES = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      const isPage = (answer.headers.get('Content-Type') ?? '').includes('html');
      if (isPage) found.push([request.url, await answer.text()]);
    }
  }
  return found;
}"""
CACHED = """async (name) => {
  for (const key of await caches.keys()) {
    const requests = await (await caches.open(key)).keys();
    if (requests.some(({ url }) => url.includes(name))) return true;
  }
  return false;
}"""


def installed(open_page, app, **options):
    """A page whose worker is in charge, and somebody signed in with one measured answer."""
    page = open_page(base_url=app.url, service_workers="allow", **options)
    email = sign_up(page)
    record(page, 3)
    submit(page)
    expect_result(page)
    refill(page)
    return page, email


def until(page, question, worker=None):
    """Until a promise of the page, or of its worker, comes back true; `wait_for_function` does not
    wait for promises.
    """
    wait_until(page, lambda: (worker or page).evaluate(question), 60)


def until_responses(page, app, email, count):
    wait_until(page, lambda: len(responses_of(app, email)) == count)
    return responses_of(app, email)


def refill(page):
    """Home, until the worker is in charge and the shelf is full."""
    page.evaluate("async () => (await import('opic/offline/offline-store')).makeStale()")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready")
    until(page, WHOLE)
    page.reload()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")


def go_offline(page, app):
    """No network at all: the browser is told so, and the server is not there either."""
    app.stop()
    page.context.set_offline(True)


def go_online(page, app):
    app.start()
    page.context.set_offline(False)
