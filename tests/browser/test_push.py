"""The switch of a device, from the press of a button to what its push service gets.

Chromium in a test cannot subscribe (it would ask Google): a stand-in does, with real keys and an
address at the push service on this machine.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.accounts.push_service import PRIVATE, PUBLIC, SUBJECT, PushService
from tests.browser.people import button, sign_up, wait_until
from tests.product import Product

# state lives in localStorage, so that it outlasts a page as a browser's would
STAND_IN = """
(() => {
  const told = %s;
  const get = (name) => JSON.parse(localStorage.getItem("test-" + name));
  const set = (name, value) => localStorage.setItem("test-" + name, JSON.stringify(value));
  const bytes = (numbers) => new Uint8Array(numbers ?? []).buffer;
  const made = () => get("on") && {
    endpoint: told.endpoint,
    options: { applicationServerKey: bytes(get("key")) },
    toJSON: () => ({ ...told, expirationTime: null }),
    unsubscribe: async () => (set("on", false), true),
  };
  const pushManager = {
    getSubscription: async () => made() || null,
    subscribe: async ({ applicationServerKey }) => {
      if (get("fails")) throw new Error("no push service");
      set("key", [...applicationServerKey]);
      set("on", true);
      return made();
    },
  };
  const registration = Object.assign(new EventTarget(), { pushManager, active: null });
  const workers = Object.assign(new EventTarget(), {
    ready: Promise.resolve(registration),
    register: async () => registration,
    getRegistration: async () => registration,
  });
  Object.defineProperty(Navigator.prototype, "serviceWorker", { get: () => workers });
  Object.defineProperty(Notification, "permission", { get: () => get("permission") ?? "default" });
  window.asked = 0;
  Notification.requestPermission = async () => {
    window.asked += 1;
    if (Notification.permission === "default") set("permission", get("answer") ?? "granted");
    return Notification.permission;
  };
})();
"""
WORKER = Path("static/js/offline/sw-push.js")


@pytest.fixture(scope="module")
def service():
    with PushService() as running:
        yield running


@pytest.fixture(scope="module")
def pushing(tmp_path_factory):
    environment = {
        "OPIC_VAPID_PRIVATE_KEY": PRIVATE,
        "OPIC_VAPID_PUBLIC_KEY": PUBLIC,
        "OPIC_VAPID_SUBJECT": SUBJECT,
        "OPIC_PUSH_HOSTS": "127.0.0.1",
    }
    with Product(tmp_path_factory.mktemp("pushing"), **environment) as running:
        yield running


@pytest.fixture
def person(open_page, pushing, service, request):
    """A page of somebody who signed up, their browser at the service, and their address."""
    browser = service.browser(request.node.name)
    page = open_page(base_url=pushing.url)
    subscription = json.dumps({"endpoint": browser.endpoint, "keys": browser.keys})
    page.add_init_script(STAND_IN % subscription)
    return page, browser, sign_up(page)


def switch(page):
    page.goto("/accounts/settings/?part=notices")
    return page.locator("opic-push")


def remember(page, name, value):
    page.evaluate(f"localStorage.setItem('test-{name}', JSON.stringify({json.dumps(value)}))")


def subscriptions(product, browser):
    return product.rows(
        "SELECT u.email FROM webpush_pushinformation p"
        " JOIN webpush_subscriptioninfo s ON s.id = p.subscription_id"
        " JOIN accounts_user u ON u.id = p.user_id WHERE s.endpoint = ?",
        browser.endpoint,
    )


SUBSCRIBE = """
from accounts.models import User
from accounts.notices import notify
from accounts.models import NoticeSettings
person = User.objects.get(email={email!r})
NoticeSettings.objects.update_or_create(person=person, defaults=dict(quiet_from=0, quiet_to=0))
notify(person, "reply", {key!r}, {{}}, "/practice/")
"""


def test_switched_on_here_a_notice_arrives_and_switched_off_it_does_not(person, pushing, service):
    page, browser, email = person
    one = switch(page)
    expect(one).to_have_attribute("data-state", "off")
    assert page.evaluate("window.asked") == 0  # nobody is asked on load
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "on")
    expect(one.get_by_role("status")).to_have_text("This device gets your notices.")
    assert subscriptions(pushing, browser) == [(email,)]
    page.reload()
    expect(one).to_have_attribute("data-state", "on")
    pushing.python(SUBSCRIBE.format(email=email, key="first"))
    wait_until(page, lambda: service.posts)
    assert browser.opened(service.posts[-1].body)["url"] == "/practice/"
    button(page, "Turn off").click()
    expect(one).to_have_attribute("data-state", "off")
    assert subscriptions(pushing, browser) == []


def test_the_list_says_what_was_seen_and_the_dot_goes(person, pushing):
    page, _browser, email = person
    page.goto("/accounts/settings/")
    expect(page.locator("#notice-dot")).to_be_hidden()
    pushing.python(SUBSCRIBE.format(email=email, key="seen"))
    page.goto("/accounts/notices/")
    expect(page.locator("#notice-dot")).to_be_visible()
    expect(page.get_by_text("A new comment")).to_be_visible()
    expect(page.locator("#notices-read")).to_have_text("All read.")
    expect(page.locator("#notice-dot")).to_be_hidden()
    page.reload()
    expect(page.locator("#notice-dot")).to_be_hidden()


def test_a_browser_that_says_no_is_not_asked_again(person):
    page, _browser, _email = person
    switch(page)
    remember(page, "answer", "denied")
    button(page, "Turn on").click()
    expect(page.locator("opic-push")).to_have_attribute("data-state", "denied")
    expect(page.locator("opic-push button")).to_be_hidden()
    expect(page.locator("opic-push")).to_contain_text("Allow them in its settings")


def test_a_question_waved_away_leaves_it_off(person):
    page, _browser, _email = person
    switch(page)
    remember(page, "answer", "default")
    button(page, "Turn on").click()
    expect(page.locator("opic-push")).to_have_attribute("data-state", "off")


def test_a_failure_is_said_and_can_be_tried_again(person, pushing):
    page, browser, email = person
    one = switch(page)
    remember(page, "fails", True)
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "failed")
    remember(page, "fails", False)
    page.context.set_offline(True)
    button(page, "Try again").click()
    expect(one).to_have_attribute("data-state", "failed")
    page.context.set_offline(False)
    button(page, "Try again").click()
    expect(one).to_have_attribute("data-state", "on")
    assert subscriptions(pushing, browser) == [(email,)]


def test_the_switch_tells_the_truth_when_the_server_has_forgotten(person, pushing):
    page, browser, email = person
    one = switch(page)
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "on")
    pushing.write("DELETE FROM webpush_pushinformation")
    pushing.write("DELETE FROM webpush_subscriptioninfo")
    page.evaluate("localStorage.removeItem('opic-push'); sessionStorage.clear()")
    page.reload()
    expect(one).to_have_attribute("data-state", "off")
    button(page, "Turn on").click()  # the browser's own is still there: it is told again
    expect(one).to_have_attribute("data-state", "on")
    assert subscriptions(pushing, browser) == [(email,)]


def test_a_dropped_subscription_is_renewed_on_the_next_visit(person, pushing):
    page, browser, email = person
    one = switch(page)
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "on")
    remember(page, "on", False)
    pushing.write("DELETE FROM webpush_pushinformation")
    pushing.write("DELETE FROM webpush_subscriptioninfo")
    page.evaluate("sessionStorage.clear()")
    switch(page)
    expect(one).to_have_attribute("data-state", "on")
    assert subscriptions(pushing, browser) == [(email,)]


def test_the_next_person_here_gets_nothing_of_the_one_before(person, pushing):
    page, browser, _email = person
    one = switch(page)
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "on")
    page.context.clear_cookies()  # the sign-in was lost, nobody signed out
    other = sign_up(page)
    expect_gone = "() => localStorage.getItem('test-on') === 'false'"
    page.wait_for_function(expect_gone)
    assert page.evaluate("localStorage.getItem('opic-push')") is None
    one = switch(page)
    expect(one).to_have_attribute("data-state", "off")
    button(page, "Turn on").click()
    expect(one).to_have_attribute("data-state", "on")
    assert subscriptions(pushing, browser) == [(other,)]


def test_a_browser_without_pushes_says_so(open_page, pushing):
    page = open_page(base_url=pushing.url)
    page.add_init_script("delete window.PushManager")
    sign_up(page)
    one = switch(page)
    expect(one).to_have_attribute("data-state", "unsupported")
    expect(one).to_contain_text("home screen")
    expect(one.get_by_role("button")).to_have_count(0)


# --- the worker's part, with a worker of the test around it --------------------------------------

AROUND = """async ([told, windows]) => {
  const self = {
    OPIC: { shell: ["/static/img/icon-192.1a2b.png"] },
    shown: [], opened: [], focused: [], closed: 0,
    registration: { showNotification: async (...what) => self.shown.push(what) },
    clients: {
      matchAll: async () =>
        windows.map((url) => ({ url, focus: async () => self.focused.push(url) })),
      openWindow: async (url) => self.opened.push(url),
    },
  };
  const location = new URL("https://opic.example/sw.js");
  const waits = [];
  const waitUntil = (work) => waits.push(work);
  %s
  const data = told === null ? null : { json: () => JSON.parse(told) };
  self.opicPush({ data, waitUntil });
  await Promise.all(waits);
  const [title, options] = self.shown[0];
  const notification = { ...options, close: () => (self.closed += 1) };
  self.opicClick({ notification, waitUntil });
  await Promise.all(waits);
  const { shown, opened, focused, closed } = self;
  return { title, options, count: shown.length, opened, focused, closed };
}"""
SENT = {"title": "T", "body": "B", "url": "/exams/1/", "tag": "a"}


@pytest.mark.parametrize(
    ("payload", "windows", "opened", "focused"),
    [
        (SENT, [], ["https://opic.example/exams/1/"], []),
        (
            SENT,
            ["https://opic.example/", "https://opic.example/exams/1/#x"],
            [],
            ["https://opic.example/exams/1/#x"],
        ),
        ({**SENT, "url": "https://evil.example/"}, [], ["https://opic.example/"], []),
        ({**SENT, "url": "//evil.example/"}, [], ["https://opic.example/"], []),
        ({**SENT, "url": "javascript:alert(1)"}, [], ["https://opic.example/"], []),
    ],
)
def test_a_push_is_shown_and_a_press_leads_to_its_page(
    open_page, payload, windows, opened, focused
):
    page = open_page()
    shown = page.evaluate(AROUND % WORKER.read_text(), [json.dumps(payload), windows])
    assert shown["title"] == "T"
    assert (shown["options"]["body"], shown["options"]["tag"]) == ("B", "a")
    assert shown["options"]["icon"] == "/static/img/icon-192.1a2b.png"
    assert (shown["count"], shown["closed"]) == (1, 1)
    assert (shown["opened"], shown["focused"]) == (opened, focused)


@pytest.mark.parametrize("payload", [None, "{", "null", "[]"])
def test_a_push_that_cannot_be_read_is_shown_all_the_same(open_page, payload):
    page = open_page()
    shown = page.evaluate(AROUND % WORKER.read_text(), [payload, []])
    assert shown["title"] == "OPIc Practice"
    assert shown["opened"] == ["https://opic.example/"]
