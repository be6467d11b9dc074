"""An answer to a question of the offline store: recorded without a network, reloaded, sent."""

from tests.browser.offline import WHOLE
from tests.engines.drivers import Browser
from tests.engines.people import COUNT, do, expect_state, record, responses_of
from tests.processes import wait_for
from tests.product import Product

UNSENT = "() => document.querySelector('opic-outbox[data-count=\"1\"]:not([hidden])') !== null"


def test_it_waits_on_the_device_and_is_sent_once(
    browser: Browser, product: Product, email: str
) -> None:
    before = len(responses_of(product, email))
    browser.goto(product.url)
    browser.wait(WHOLE, seconds=30)
    browser.reload()
    browser.wait("() => Boolean(navigator.serviceWorker.controller)")
    product.stop()
    try:
        browser.goto(f"{product.url}/practice/")
        browser.press("[data-list=prompts] [data-do=open]")
        do(browser, "play", "opic-prompt-player")
        expect_state(browser, "playing", "opic-prompt-player")
        record(browser, 3)
        do(browser, "submit")
        expect_state(browser, "sending")
        browser.reload()
        browser.wait(UNSENT)
        assert browser.evaluate(COUNT, "answers") == 1
    finally:
        product.start()
    browser.goto(product.url)
    wait_for(lambda: len(responses_of(product, email)) == before + 1, 30, "the answer")
    browser.wait("() => document.querySelector('opic-outbox').hidden")
    assert browser.evaluate(COUNT, "answers") == browser.evaluate(COUNT, "chunks") == 0
    (_id, _status, length_ms, _voiced, segments, is_partial) = responses_of(product, email)[-1]
    assert (segments, bool(is_partial)) == (1, False)
    assert 2000 < length_ms < 7000
