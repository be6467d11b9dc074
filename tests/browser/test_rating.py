"""A rated answer in the browser, with a model on loopback behind the real worker."""

import re

from playwright.sync_api import expect

from tests.browser.people import PASSWORD, button, new_email, record
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini
from tests.product import Product
from tests.soak.model_kills import environment, fake_model, run_many

ROW = example("past-im2-a")


def sign_up_and_agree_to_all(page):
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill(new_email())
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Create an account").click()
    page.locator("main form").first.get_by_role("button").click()
    page.locator("[name=recording]").check()
    page.locator("[name=abroad]").check()
    button(page, "Agree and start speaking").click()
    expect(page.get_by_role("button", name="Record")).to_be_visible()


def test_saved_heard_rated_arrive_by_themselves(open_page, tmp_path):
    fake = FakeGemini(hears(ROW["transcript"]), rates(ROW))
    with fake, Product(tmp_path / "product", **environment(fake)) as product:
        page = open_page(base_url=product.url)
        sign_up_and_agree_to_all(page)
        expect(page.get_by_text("20 rated answers left today")).to_be_visible()
        record(page, 26)
        button(page, "Submit").click()
        panel = page.locator("#response-rating")
        expect(panel).to_have_attribute("data-status", "rated", timeout=20_000)
        expect(panel).to_contain_text(re.compile(r"About \w+ to \w+"))
        expect(panel).to_contain_text("What kept it below IM3")
        expect(panel).to_contain_text("Practise next")
        expect(panel.locator("mark").first).to_be_visible()

        # a correction jumps to its moment, and the transcript follows the sound
        jump = panel.locator(".corrections button:visible").first
        at = float(jump.get_attribute("data-at"))
        jump.click()
        sound = panel.locator("opic-transcript-player audio")
        page.wait_for_function("(audio) => !audio.paused", arg=sound.element_handle())
        assert abs(sound.evaluate("(audio) => audio.currentTime") - at) < 2
        expect(panel.locator(".transcript .is-now").first).to_be_visible()

        # the better answer is read aloud, though its sound was still being made at first
        early = []

        def not_there_yet(route):
            early.append(route.request.url)
            route.fulfill(status=404) if len(early) < 3 else route.continue_()

        page.route("**/better/", not_there_yet)
        button(page, "Hear it").click()
        player = panel.locator("opic-prompt-player")
        expect(player).to_have_attribute("data-state", "playing", timeout=15_000)
        assert len(early) >= 3
        page.context.close()


def test_five_kills_in_the_middle_of_a_call_give_one_rating_each(tmp_path):
    with fake_model() as fake, Product(tmp_path / "product", **environment(fake)) as product:
        run_many(range(5), product)
