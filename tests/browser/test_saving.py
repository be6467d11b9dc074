"""What goes wrong while an answer is saved and sent: nothing that was said is lost."""

import json
import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    button,
    drop_session,
    expect_result,
    record,
    responses_of,
    sign_up,
    submit,
    talk_for,
    wait_for_response,
)
from tests.browser.recording import STATE, notice, outbox_rows, recorder


class HeldUploads:
    """Uploads of a page that wait on their way to the server until the test lets them go."""

    def __init__(self, page, pattern="**/takes/"):
        self.page, self.pattern, self.routes = page, pattern, []
        page.route(pattern, self.hold)

    def hold(self, route):
        if route.request.method == "POST":
            self.routes.append(route)
        else:  # the list of takes has the same address
            route.continue_()

    def let_go(self):
        """Send on what still waits; for a request that the page has ended this does nothing."""
        for route in self.routes:
            route.continue_()
        self.page.unroute(self.pattern)


def is_upload(request):
    return request.method == "POST" and request.url.endswith("/takes/")


def test_chunks_are_on_the_device_as_they_come_and_a_reload_keeps_them(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 5)
    assert sum(outbox_rows(page).values()) >= 4
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    expect(notice(page)).to_contain_text("from before")
    submit(page)
    expect_result(page)
    assert responses_of(product, email)[0][1] >= 3800


def test_aborted_three_times_with_reloads_it_arrives_once(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 5)
    page.route("**/takes/", lambda route: route.abort())
    button(page, "Submit").click()
    for _ in range(3):
        expect(recorder(page)).to_contain_text("waits on this device")
        expect(recorder(page)).not_to_contain_text("Saved")
        page.reload()
    assert not responses_of(product, email)
    page.unroute("**/takes/")
    page.reload()
    expect_result(page)
    expect(page.locator("opic-outbox")).to_be_hidden()
    responses = responses_of(product, email)
    assert len(responses) == 1
    assert 4500 <= responses[0][1] <= 5900
    assert sum(outbox_rows(page).values()) == 0


def test_offline_it_waits_and_goes_by_itself(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 3)
    page.context.set_offline(True)
    button(page, "Submit").click()
    expect(recorder(page)).to_contain_text("1 answer waits on this device")
    expect(page.locator("opic-outbox")).to_be_visible()
    assert not responses_of(product, email)
    page.context.set_offline(False)
    expect(recorder(page)).to_have_attribute(STATE, "saved")
    expect(page.locator("opic-outbox")).to_be_hidden()
    assert len(responses_of(product, email)) == 1


def test_saved_is_said_only_after_the_server_decoded_it(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    reply = '{"status":"refused","code":"unreadable","message":"No sound here.","keep":false}'
    page.route("**/takes/", lambda route: route.fulfill(status=422, body=reply))
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "failed")
    expect(notice(page)).to_contain_text("No sound here.")
    assert "Saved" not in recorder(page).inner_text()
    assert not responses_of(product, email)


def test_nothing_in_the_save_path_waits_for_animation_frames(open_page, product):
    page = open_page()
    page.add_init_script("window.requestAnimationFrame = () => 0;")
    email = sign_up(page)
    record(page, 2)
    submit(page)
    expect_result(page)
    assert len(responses_of(product, email)) == 1


def test_leaving_while_sending_loses_nothing(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 3)
    held = HeldUploads(page)
    with page.expect_request(is_upload):
        button(page, "Submit").click()
    page.goto("/practice/")
    assert not responses_of(product, email)
    held.let_go()
    page.reload()
    wait_for_response(page, product, email)


def test_without_room_on_the_device_the_answer_still_arrives_and_it_is_told(open_page, product):
    page = open_page()
    email = sign_up(page)
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": product.url, "quotaSize": 20_000})
    record(page, 6)
    expect(notice(page)).to_contain_text(re.compile("room left|only in this page"))
    submit(page)
    expect_result(page)
    assert responses_of(product, email)[0][1] > 5000


def test_a_lost_session_does_not_lose_the_answer(open_page, product):
    page = open_page()
    email = sign_up(page)
    button(page, "Record").click()
    expect(recorder(page)).to_have_attribute(STATE, "recording")
    talk_for(page, 2)
    drop_session(page, product)
    button(page, "Stop").click()
    expect(recorder(page)).to_have_attribute(STATE, "recorded")
    submit(page)
    assert len(responses_of(product, email)) == 1
    expect(page.locator("#toasts")).to_contain_text("signed out")


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_busy_server_is_tried_again_by_itself(open_page, product, status):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    left = [1]

    def once(route):
        if left:
            left.pop()
            return route.fulfill(status=status, body="busy")
        return route.continue_()

    page.route("**/takes/", once)
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "saved", timeout=30_000)
    assert len(responses_of(product, email)) == 1


def test_a_device_waits_as_long_as_a_busy_server_asks(open_page, product):
    """503 with words and Retry-After: the bytes stay, nothing is offered to be thrown away."""
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    tries = []
    refusal = {"status": "refused", "code": "busy", "message": "A lot to do.", "keep": True}

    def first_busy(route):
        if route.request.method != "POST":  # the list of takes has the same address
            return route.continue_()
        tries.append(time.monotonic())
        if len(tries) > 1:
            return route.continue_()
        body = json.dumps({**refusal, "retry_after": 7})
        headers = {"Retry-After": "7", "Content-Type": "application/json"}
        return route.fulfill(status=503, body=body, headers=headers)

    page.route("**/takes/", first_busy)
    button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "sending")
    assert sum(outbox_rows(page).values()) > 0
    expect(recorder(page)).to_have_attribute(STATE, "saved", timeout=40_000)
    # its own first wait is two seconds
    assert tries[1] - tries[0] >= 6.5
    assert len(tries) == 2
    assert len(responses_of(product, email)) == 1


def expect_nothing_on_the_device(page):
    expect(recorder(page)).to_have_attribute(STATE, "idle")
    expect(page.locator("opic-outbox")).to_be_hidden()
    assert sum(outbox_rows(page).values()) == 0


def expect_only_the_next_response_arrives(page, product, email):
    record(page, 2)
    submit(page)
    expect_result(page)
    assert len(responses_of(product, email)) == 1


def test_discarding_an_answer_that_is_being_sent_ends_its_upload(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    held = HeldUploads(page)
    with page.expect_request(is_upload):
        button(page, "Submit").click()
    expect(recorder(page)).to_have_attribute(STATE, "sending")
    with page.expect_event("requestfailed", is_upload):
        page.locator("opic-outbox [data-do=drop]").click()
    expect_nothing_on_the_device(page)
    held.let_go()
    expect_only_the_next_response_arrives(page, product, email)


def test_discarding_in_another_tab_ends_the_upload_of_this_one(open_page, product):
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    held = HeldUploads(page)
    with page.expect_request(is_upload):
        button(page, "Submit").click()
    other = page.context.new_page()
    other.goto("/practice/")
    with page.expect_event("requestfailed", is_upload):
        other.locator("opic-outbox [data-do=drop]").click()
    other.close()
    expect_nothing_on_the_device(page)
    held.let_go()
    expect_only_the_next_response_arrives(page, product, email)


def test_discarding_while_a_new_permission_is_asked_for_sends_nothing(open_page, product):
    """The first upload is refused for its ticket; the answer goes before there is a second one."""
    page = open_page()
    email = sign_up(page)
    record(page, 2)
    uploads = []

    def refuse(route):
        if not is_upload(route.request):
            return route.continue_()
        uploads.append(route.request)
        body = '{"status": "refused", "code": "token", "message": "Once more."}'
        return route.fulfill(status=403, body=body)

    page.route("**/takes/", refuse)
    address = page.locator("opic-recorder").get_attribute("ticket-url")
    held = HeldUploads(page, f"**{address}")
    with page.expect_request(f"**{address}"):
        button(page, "Submit").click()
    with page.expect_event("requestfailed", lambda request: request.url.endswith(address)):
        page.locator("opic-outbox [data-do=drop]").click()
    expect_nothing_on_the_device(page)
    held.let_go()
    page.unroute("**/takes/")
    expect_only_the_next_response_arrives(page, product, email)
    assert len(uploads) == 1


COUNT_SAVED = """
window.__saved = [];
document.addEventListener("upload:saved", ({ detail }) => __saved.push(detail.ratingUrl));
"""


def test_of_two_answers_saved_at_once_the_later_shows_its_report(open_page):
    """The report of the second is asked for while the one of the first is still on its way."""
    page = open_page()
    page.add_init_script(COUNT_SAVED)
    sign_up(page)
    page.context.set_offline(True)
    for _ in range(2):
        record(page, 2)
        button(page, "Submit").click()
        expect(recorder(page)).to_contain_text("on this device")
    held = []

    def name_the_report(route):
        reply = route.fetch()
        address = urlsplit(route.request.url).path
        named = f'<section data-of="{address}"'
        route.fulfill(response=reply, body=reply.text().replace("<section", named, 1))

    def first_waits(route):
        if held:
            name_the_report(route)
        else:
            held.append(route)

    page.route("**/rating/", first_waits)
    page.context.set_offline(False)
    page.wait_for_function("() => window.__saved.length === 2")
    first, second = page.evaluate("window.__saved")
    assert urlsplit(held[0].request.url).path == first
    name_the_report(held[0])
    expect(page.locator("#response-rating")).to_have_attribute("data-of", second)
    expect_result(page)
