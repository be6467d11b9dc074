"""A device with the release before on it: its worker, its scripts, an answer that was not sent.

What it got then is served as it was, from the archive of that release (`tests/old_release`), at
the address where today's product starts afterwards.
"""

import contextlib
import html
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import button, responses_of, sign_up, talk_for, wait_until
from tests.old_release import json_of, text_of
from tests.product import Product

VERSION = "0.2.0"
SECONDS = 3
TICKETS = """
import json
from accounts.models import DeviceSession, User
from scoring.uploads import tickets
person = User.objects.get(email="{email}")
device = str(DeviceSession.objects.filter(person=person).latest("started_at").pk)
made = [tickets.issue(person, device, "{url}") for _ in range(5)]
print(json.dumps([str(person.pk), made]))
"""
# what lies in that release's outbox, and in the caches of all releases
OUTBOX = """() => new Promise((done) => {
  const opening = indexedDB.open("opic-outbox");
  opening.onsuccess = () => {
    const db = opening.result;
    const asked = db.transaction("answers").objectStore("answers").getAll();
    asked.onsuccess = () => {
      db.close();
      done(asked.result.map(({ state, key }) => [state, key]));
    };
  };
})"""
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
  }
  return found;
}"""
WAITING = "navigator.serviceWorker.getRegistration().then((found) => Boolean(found.waiting))"
WORKER = "fetch('/sw.js').then((reply) => reply.text())"


class OldSite:
    """The release as this device got it, on one port; whatever is sent is told to come later."""

    def __init__(self, port: int, marks: dict[str, str], tickets: list[dict[str, str]]) -> None:
        self.files = {}
        attribute = f'tickets="{html.escape(json.dumps(tickets))}"'
        for url, (name, kind) in json_of(VERSION, "device/index.json").items():
            text = text_of(VERSION, f"device/{name}")
            for mark, value in marks.items():
                text, url = text.replace(mark, value), url.replace(mark, value)
            text = re.sub(r'\btickets="[^"]*"', lambda _match: attribute, text)
            self.files[url] = (text.encode(), kind)
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, kind = files.get(self.path, (b"", ""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Cache-Control", "no-cache")
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_line: object) -> None:
                pass

        return Handler

    def __enter__(self) -> "OldSite":
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextlib.contextmanager
def left_behind(open_page, product: Product) -> Iterator[tuple[Page, str]]:
    """A page of the old release that holds an unsent answer, with today's product in its place."""
    today = open_page(base_url=product.url)
    email = sign_up(today)
    (prompt,) = re.findall(r"/practice/prompts/([0-9a-f-]{36})/", today.url)
    upload = f"/practice/prompts/{prompt}/revisions/1/takes/"
    person, tickets = json.loads(product.python(TICKETS.format(email=email, url=upload)))
    product.stop()
    page = open_page(base_url=product.url, service_workers="allow")
    page.context.add_cookies(today.context.cookies())
    with OldSite(product.port, {"@PERSON@": person, "@PROMPT@": prompt}, tickets):
        path = f"/practice/prompts/{prompt}/"
        page.goto(path)
        page.evaluate("navigator.serviceWorker.ready")
        page.reload()
        page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
        assert scripts_then() <= set(page.evaluate(CACHED))
        speak(page)
    product.start()
    yield page, email


def speak(page: Page) -> None:
    """Record and submit by that release's own buttons; the site takes nothing."""
    recorder = page.locator("opic-recorder")
    recorder.locator("[data-do=record]").click()
    expect(recorder).to_have_attribute("data-state", "recording")
    talk_for(page, SECONDS)
    recorder.locator("[data-do=stop]").click()
    expect(recorder).to_have_attribute("data-state", "recorded")
    recorder.locator("[data-do=submit]").click()
    expect(recorder).to_contain_text("waits on this device")
    (row,) = page.evaluate(OUTBOX)
    assert row[0] in {"queued", "sending"}


def expect_sent(page: Page, product: Product, email: str) -> None:
    """The one answer is on the server, whole, and no longer in the outbox."""
    wait_until(page, lambda: responses_of(product, email) and page.evaluate(OUTBOX) == [], 60)
    ((_status, length, _voiced, segments, is_partial),) = responses_of(product, email)
    assert 1000 * SECONDS - 600 < length < 1000 * SECONDS + 2500
    assert (segments, bool(is_partial)) == (1, False)
    assert page.evaluate(OUTBOX) == []


def scripts_then() -> set[str]:
    return {url for url in json_of(VERSION, "device/index.json") if "/js/" in url}


@pytest.mark.parametrize("is_closed", [True, False], ids=["opened-again", "left-open"])
def test_an_old_device_sends_what_waits_and_takes_the_new_release(
    open_page, product_of_its_own, is_closed
):
    product = product_of_its_own
    with left_behind(open_page, product) as (page, email):
        if is_closed:
            page.goto("/")
        else:
            page.evaluate("dispatchEvent(new Event('online'))")
        expect_sent(page, product, email)
        page.goto("/")
        expect(page.get_by_text("There is a new version.")).to_be_visible()
        with page.expect_navigation():
            button(page, "Load it").click()
        page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
        assert page.evaluate(WAITING) is False
        cached, then = set(page.evaluate(CACHED)), scripts_then()
        # what pages need; the worker's own parts lie with it
        (shell,) = re.findall(r"shell: (\[.*?\])", page.evaluate(WORKER))
        today = {url for url in json.loads(shell) if url.endswith(".js")}
        assert today - then
        assert today <= cached
        assert then <= cached  # for a page that is still open
        page.goto("/practice/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert len(responses_of(product, email)) == 1
