"""The installed app with its real worker: in a tunnel, at a release, for the next person."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.offline import (
    CACHED,
    PIECES,
    STORED_PAGES,
    STORED_TEXTS,
    WHOLE,
    go_offline,
    go_online,
    installed,
    refill,
    until,
    until_responses,
)
from tests.browser.people import (
    PASSWORD,
    button,
    record,
    responses_of,
    sign_up,
    submit,
    wait_for_response,
    wait_until,
)
from tests.product import Product

STORED = """async () => {
  const found = {};
  for (const { name, version } of await indexedDB.databases()) {
    const db = await new Promise((done) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => done(opening.result);
    });
    const stores = [...db.objectStoreNames];
    const keyPath = (store) => db.transaction(store).objectStore(store).keyPath;
    found[name] = { version, ...Object.fromEntries(stores.map((one) => [one, keyPath(one)])) };
    db.close();
  }
  const caches_ = (await caches.keys()).map((name) => name.replace(/\\d+$/, ''));
  return [found, [...new Set(caches_)].sort(), Object.keys(localStorage).sort()];
}"""


@pytest.fixture(scope="module")
def product_here(tmp_path_factory):
    with Product(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture
def app(product_here):
    """One copy for all of these; a test that stopped it leaves it running again."""
    yield product_here
    if product_here.process is None:
        product_here.start()


def test_it_can_be_installed(open_page, app):
    page = open_page(base_url=app.url, service_workers="allow")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready")
    session = page.context.new_cdp_session(page)
    installed = session.send("Page.getAppManifest")
    assert installed["errors"] == []
    manifest = json.loads(installed["data"])
    assert manifest["id"] == "/"
    purposes = {icon["purpose"] for icon in manifest["icons"]}
    assert purposes == {"any", "maskable", "monochrome"}
    for picture in [*manifest["icons"], *manifest["screenshots"]]:
        size = page.evaluate(
            """async (src) => { const image = new Image(); image.src = src; await image.decode();
            return image.naturalWidth + 'x' + image.naturalHeight; }""",
            picture["src"],
        )
        assert size == picture["sizes"]
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one for one in errors if one["errorId"] != "in-incognito"] == []


def test_offline_one_reads_hears_practises_and_it_is_sent_by_itself(open_page, app):
    page, email = installed(open_page, app)
    go_offline(page, app)
    page.goto("/practice/")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    saved = page.locator(".kept-answer").first
    saved.locator("summary").click()
    seconds = page.evaluate(
        """async () => { const audio = document.querySelector('.kept-answer audio');
        audio.load(); await new Promise((done) => audio.onloadedmetadata = done);
        audio.currentTime = audio.duration - 1;
        await new Promise((done) => audio.onseeked = done); return audio.currentTime; }"""
    )
    assert seconds > 1.5
    page.locator("[data-list=prompts] button").first.click()
    button(page, "Play question").click()
    expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
    record(page, 3)
    button(page, "Submit").click()
    expect(page.locator("opic-recorder")).to_contain_text("waits on this device")
    assert len(responses_of(app, email)) == 1
    go_online(page, app)
    rows = until_responses(page, app, email, 2)
    assert 2500 < rows[1][1] < 5500
    expect(page.get_by_role("heading", name="Practice", exact=True)).to_be_visible()


def test_a_page_of_somebody_signed_in_asks_for_nothing_that_is_refused(open_page, app):
    """On a device with an empty offline store, until it is filled, and once more afterwards."""
    page = open_page(base_url=app.url, service_workers="allow")
    sign_up(page)
    question = page.url
    problems = []
    page.context.on(
        "response", lambda reply: reply.status >= 400 and problems.append((reply.status, reply.url))
    )
    page.context.on("console", lambda line: line.type == "error" and problems.append(line.text))
    for path in ("/", "/practice/", question) * 2:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        until(page, WHOLE)
        page.wait_for_load_state("networkidle")
    assert not problems


def test_sound_from_the_offline_store_comes_in_pieces(open_page, app):
    page, _email = installed(open_page, app)
    go_offline(page, app)
    page.goto("/")
    page.locator(".kept-answer audio").wait_for(state="attached")
    pieces = page.evaluate(PIECES)
    size = pieces[0][2]
    assert pieces[0][0] == 200
    assert pieces[1] == [206, f"bytes 0-99/{size}", 100]
    assert pieces[2] == [206, f"bytes 100-{size - 1}/{size}", size - 100]
    assert pieces[3] == [206, f"bytes {size - 50}-{size - 1}/{size}", 50]
    assert pieces[4][0] == 416


def sign_out(page):
    page.get_by_text("Account", exact=True).click()
    button(page, "Sign out").click()
    expect(page.get_by_role("link", name="Start speaking").first).to_be_visible()


def test_nothing_of_one_person_is_there_for_the_next(open_page, app):
    page, email = installed(open_page, app)
    marker = "Marker-of-the-first-person"
    app.write("UPDATE accounts_user SET name = ? WHERE email = ?", marker, email)
    refill(page)
    assert any(marker in one for one in page.evaluate(STORED_TEXTS))  # the shelf is theirs
    page.goto("/accounts/settings/")
    sign_out(page)
    until(page, "async () => !(await caches.keys()).includes('opic-shelf')")
    assert not any(marker in one for one in page.evaluate(STORED_TEXTS))
    sign_up(page)
    refill(page)
    assert not any(marker in one for one in page.evaluate(STORED_TEXTS))
    for path in ("/", "/practice/", "/exams/", "/accounts/settings/"):
        page.goto(path)
        assert marker not in page.content()
    go_offline(page, app)
    for path in ("/", "/practice/", "/accounts/settings/"):
        page.goto(path)
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        assert marker not in page.content()


def test_what_a_device_stores_keeps_its_names(open_page, app):
    """Unsent recordings lie behind these: scripts and workers of other releases look for them."""
    page, _email = installed(open_page, app)
    databases, caches, local = page.evaluate(STORED)
    assert databases == {
        "opic-outbox": {
            "version": 1,
            "answers": "key",
            "chunks": ["key", "segment", "index"],
            "lease": "id",
        },
        "opic-shelf": {"version": 1, "people": "user"},
    }
    assert caches == ["opic-shelf", "opic-static-"]
    assert {"opic-asked-to-stay", "opic-shell"} <= set(local)


def test_the_next_person_empties_it_though_nobody_signed_out(open_page, app):
    page, email = installed(open_page, app)
    app.write(
        "UPDATE accounts_user SET name = ? WHERE email = ?", "Marker-of-the-first-person", email
    )
    refill(page)
    page.context.clear_cookies()
    sign_up(page)
    page.goto("/")
    wait_until(
        page,
        lambda: not any("Marker-of-the-first" in one for one in page.evaluate(STORED_TEXTS)),
    )


def test_no_page_of_anybody_s_enters_a_cache(open_page, app):
    page, email = installed(open_page, app)
    for path in ("/practice/", "/exams/", "/accounts/settings/"):
        page.goto(path)
    pages = page.evaluate(STORED_PAGES)
    assert [url.removeprefix(app.url) for url, _text in pages] == ["/offline/"]
    assert email not in pages[0][1]


def release(product):
    """A script that changed: new hashed names, and with them a new worker."""
    product.stop()
    folder = product.folder / "static"
    manifest = json.loads((folder / "staticfiles.json").read_text())
    hashed = manifest["paths"]["js/shared/theme.js"]
    fresh = re.sub(r"\.[0-9a-f]{12}\.js$", ".fedcba987654.js", hashed)
    (folder / fresh).write_bytes((folder / hashed).read_bytes())
    manifest["paths"]["js/shared/theme.js"] = fresh
    (folder / "staticfiles.json").write_text(json.dumps(manifest))
    product.start()
    return hashed, fresh


def test_a_release_is_offered_and_taken_when_the_person_says_so(open_page, app):
    page, _email = installed(open_page, app)
    old, fresh = release(app)
    page.goto("/")
    expect(page.get_by_text("There is a new version.")).to_be_visible()
    with page.expect_navigation():
        button(page, "Load it").click()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    assert page.evaluate(CACHED, fresh)
    assert page.evaluate(CACHED, old)  # for a page that is still open


def test_a_release_in_the_middle_of_a_test_waits_until_it_is_over(open_page, tmp_path, exam_folder):
    with sittings.quick_exams(tmp_path / "product", exam_folder) as exam:
        page = open_page(base_url=exam.url, service_workers="allow")
        sittings.set_up(page)
        page.evaluate("navigator.serviceWorker.ready")
        sittings.begin(page)
        release(exam)
        page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        # it is there and waits, and nobody is told yet
        page.wait_for_function(
            "navigator.serviceWorker.getRegistration().then((found) => Boolean(found.waiting))"
        )
        sittings.respond(page)
        sittings.expect_question(page, 2)
        expect(page.get_by_text("There is a new version.")).to_have_count(0)
        page.get_by_text("Leave early").click()
        button(page, "Hand in now").click()
        sittings.expect_handed_in(page)
        expect(page.get_by_text("There is a new version.")).to_be_visible()
        page.context.close()


def test_without_background_sync_it_still_goes(open_page, app):
    page, email = installed(open_page, app)
    page.context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page.goto("/practice/start/")
    go_offline(page, app)
    record(page, 2)
    button(page, "Submit").click()
    expect(page.locator("opic-recorder")).to_contain_text("waits on this device")
    go_online(page, app)
    until_responses(page, app, email, 2)


SYNC_ASKED = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.sync.getTags()).includes('opic-outbox');
}"""


def test_with_background_sync_it_goes_though_the_page_is_closed(open_page, app):
    page, email = installed(open_page, app, permissions=["background-sync", "microphone"])
    page.goto("/practice/start/")
    go_offline(page, app)
    record(page, 2)
    button(page, "Submit").click()
    expect(page.locator("opic-recorder")).to_contain_text("waits on this device")
    until(page, SYNC_ASKED)
    blank = page.context.new_page()
    page.close(run_before_unload=False)
    go_online(blank, app)
    until_responses(blank, app, email, 2)


def test_with_a_full_device_the_app_works_without_an_offline_store(open_page, app):
    page = open_page(base_url=app.url, service_workers="allow")
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": app.url, "quotaSize": 1000})
    email = sign_up(page)
    record(page, 2)
    submit(page)
    wait_for_response(page, app, email)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", name=re.compile("Hello"))).to_be_visible()
    assert PASSWORD not in page.content()


# One that is asked for before it is on the screen is lost: Chromium takes its row for a stale one
# when somebody calls `getNotifications` in that moment.
COUNTS_SHOWN = """() => {
  const show = self.registration.showNotification.bind(self.registration);
  self.shown = 0;
  self.registration.showNotification = async (...told) => {
    await show(...told);
    self.shown += 1;
  };
}"""


def test_a_push_reaches_the_real_worker_and_is_shown(open_page, app):
    page = open_page(base_url=app.url, service_workers="allow", permissions=["notifications"])
    sign_up(page)
    page.evaluate("navigator.serviceWorker.ready")
    session = page.context.new_cdp_session(page)
    registrations = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda payload: registrations.extend(payload["registrations"]),
    )
    session.send("ServiceWorker.enable")
    wait_until(page, lambda: registrations and page.context.service_workers)
    (worker,) = page.context.service_workers
    worker.evaluate(COUNTS_SHOWN)
    payload = {
        "title": "Your report is there",
        "body": "Read it.",
        "url": "/exams/",
        "tag": "result",
    }
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": app.url,
            "registrationId": registrations[0]["registrationId"],
            "data": json.dumps(payload),
        },
    )
    until(page, "() => self.shown === 1", worker)
    until(
        page,
        """async () => {
          const found = await navigator.serviceWorker.getRegistration();
          const [one] = await found.getNotifications();
          return one?.title === 'Your report is there' && one.data.url === '/exams/'
            && one.tag === 'result';
        }""",
    )


CARD = """
from accounts.models import User
from tests.factories import make_card
make_card(User.objects.get(email="{email}"), "we goed home", better="we went home")
"""


def test_cards_are_reviewed_offline_and_sent_afterwards(open_page, app):
    page, email = installed(open_page, app)
    app.python(CARD.format(email=email))
    refill(page)
    go_offline(page, app)
    page.goto("/")
    # beside it lies a gap in a good answer
    card = page.locator("[data-list=cards] li").filter(has_text="we goed home")
    card.locator("summary").click()
    expect(card).to_contain_text("we went home")
    card.get_by_role("button", name="I had it").click()
    expect(card).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Your last answers")).to_be_visible()
    expect(card).to_have_count(0)
    go_online(page, app)
    page.goto("/")
    stages = (
        "SELECT c.stage FROM practice_card c JOIN accounts_user u"
        " ON u.id = c.learner_id WHERE u.email = ?"
    )
    wait_until(page, lambda: (1,) in app.rows(stages, email))
