"""Whole tests, sat with a fake microphone: the network, the session and the server go away."""

import pytest
from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.people import button
from tests.browser.sittings import answer, begin, expect_handed_in, expect_question, items_of
from tests.product import Product


@pytest.fixture
def exam(tmp_path):
    """A copy of its own, quick and with short questions."""
    with Product(tmp_path / "product", **sittings.FAST) as product:
        sittings.shorten(product)
        yield product


def test_fifteen_answers_through_a_tunnel_a_lost_session_and_a_release(open_page, exam):
    page = open_page(base_url=exam.url)
    loads = []
    email = sittings.set_up(page)
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    begin(page)
    for number in range(1, 8):
        if number == 2:
            page.context.set_offline(True)  # three whole questions
        if number == 5:
            page.context.set_offline(False)
        expect_question(page, number)
        answer(page, 1.5 + number / 10)
    sittings.readjust(page)
    for number in range(8, 16):
        expect_question(page, number)
        answer(page, 1.5 + number / 10)
    assert page.evaluate("window.__microphones") == 1
    assert loads == []
    expect_handed_in(page)
    rows = items_of(exam, email)
    assert [row[0] for row in rows] == list(range(1, 16))
    for number, _status, length, is_late, is_skipped, _twice in rows:
        assert 1500 + 100 * number - 300 < length < 1500 + 100 * number + 2500, number
        assert (bool(is_late), bool(is_skipped)) == (False, False)
    expect(page.locator("#attempt-result")).to_contain_text("No level", timeout=20_000)
    expect(button(page, "Play")).to_have_count(0)
