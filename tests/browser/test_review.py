"""Past answers: a picture that plays, found again by filters; a queue that plays on by itself."""

from playwright.sync_api import expect

from tests.browser.people import button, expect_result, record, sign_up, submit
from tests.browser.test_access import violations

SECONDS = "document.querySelector('opic-wave-player audio').currentTime"


def record_response(page, seconds=6):
    email = sign_up(page)
    record(page, seconds)
    submit(page)
    expect_result(page)
    return email


def review(page):
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    page.locator("#history-rows a").first.click()
    slider = page.get_by_role("slider", name="Place in your answer")
    expect(slider).to_be_visible()
    return slider


def test_one_s_own_answer_plays_seeks_and_slows_down(open_page):
    page = open_page()
    record_response(page)
    slider = review(page)
    button(page, "Play or pause").click()
    page.wait_for_function(f"() => {SECONDS} > 0.5")
    button(page, "Play or pause").click()
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"() => {SECONDS} === 0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => Math.abs({SECONDS} - 5) < 0.1")
    expect(slider).to_have_attribute("aria-valuenow", "5")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => {SECONDS} < 0.1")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(f"() => Math.abs({SECONDS} - 3) < 0.6")
    page.get_by_label("Speed").select_option("0.5")
    slider.focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => !document.querySelector('opic-wave-player audio').paused")
    rate = page.evaluate("document.querySelector('opic-wave-player audio').playbackRate")
    assert rate == 0.5
    page.wait_for_function(
        """() => { const canvas = document.querySelector('[data-part=whole]');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0); }"""
    )


# a rating for somebody's only answer: three sentences, the last one hard to hear, one put right
RATED = """
from scoring.models import Rating, Response
response = Response.objects.get(speaker__email="{email}")
said = "Yesterday I go home. I cook dinner. It was nice."
rating = Rating.objects.create(response=response, kind="rating", rater="gemini", level=6,
    level_low=6, level_high=7, sureness="quite", versions={{"model": "m"}}, advice={{
        "transcript": said,
        "stretches": [
            {{"text": "Yesterday I go home.", "clear": "clear", "at": 0.0}},
            {{"text": "I cook dinner.", "clear": "clear", "at": 2.0}},
            {{"text": "It was nice.", "clear": "unclear", "at": 4.0}}],
        "corrections": [
            {{"quote": "I go", "start": 10, "end": 14, "better": "I went", "why": "past"}}]}})
Response.objects.filter(pk=response.pk).update(status="rated", shown_rating=rating)
"""


def test_the_transcript_follows_the_sound_and_leads_to_it(open_page, product):
    page = open_page()
    email = record_response(page)
    product.python(RATED.format(email=email))
    slider = review(page)
    words = page.locator(".transcript")
    expect(words).to_contain_text("I go I went")
    expect(words.locator("del")).to_have_text("I go")
    assert violations(page) == []

    words.get_by_text("I cook dinner.").click()  # jumps there, and plays
    page.wait_for_function(f"() => {SECONDS} >= 2 && {SECONDS} < 4")
    expect(words.locator(".is-now", has_text="I cook dinner.")).to_be_visible()
    expect(words.locator(".is-now", has_text="It was nice.")).to_be_visible(timeout=10_000)

    slider.focus()
    page.keyboard.press("Home")
    expect(words.locator(".is-now").first).to_have_text("Yesterday ")
    page.keyboard.press("Space")
    hard = words.get_by_role("button", name="It was nice.")
    hard.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {SECONDS} >= 4")
    button(page, "Hear correction 1").click()
    page.wait_for_function(f"() => {SECONDS} < 2")
    # the player stays in sight while its transcript is read
    words.scroll_into_view_if_needed()
    expect(slider).to_be_in_viewport()


def test_a_recording_that_cannot_be_found_is_said(open_page):
    page = open_page()
    record_response(page, 2)
    page.route("**/audio/", lambda route: route.fulfill(status=404))
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator("#history-rows a").first.click()
    expect(page.get_by_text("The recording cannot be found.")).to_be_visible()


def test_a_recording_that_is_deleted_leaves_its_page(open_page, product):
    page = open_page()
    record_response(page, 2)
    product.write("UPDATE scoring_response SET audio = NULL")
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator("#history-rows a").first.click()
    expect(page.get_by_text("The recording is deleted")).to_be_visible()
    expect(page.locator("opic-wave-player")).to_have_count(0)


def test_filters_swap_the_list_and_have_an_address(open_page):
    page = open_page()
    record_response(page, 2)
    page.goto("/history/")
    rows = page.locator("#history-rows li.row-item")
    expect(rows).to_have_count(1)
    page.get_by_label("In tests").check()
    expect(page.get_by_text("No answer fits these filters.")).to_be_visible()
    assert "mode=test" in page.url
    page.go_back()
    expect(rows).to_have_count(1)
    page.get_by_text("Topic, kind, days").click()
    page.get_by_label("Topic").select_option("parks")
    expect(page.get_by_text("No answer fits these filters.")).to_be_visible()
    page.get_by_label("Topic").select_option("All topics")
    expect(rows).to_have_count(1)


def test_without_script_filters_and_sound_still_work(open_page, product):
    page = open_page()
    record_response(page, 2)
    plain = page.context.browser.new_context(
        base_url=product.url,
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    try:
        page = plain.new_page()
        page.goto("/history/")
        page.get_by_label("In tests").check()
        button(page, "Show").click()
        expect(page.get_by_text("No answer fits these filters.")).to_be_visible()
        page.get_by_label("Practice").check()
        button(page, "Show").click()
        page.locator("#history-rows a").first.click()
        expect(page.locator("audio[controls]")).to_be_visible()
        expect(page.get_by_role("slider")).to_have_count(0)
    finally:
        plain.close()


def test_a_queue_plays_on_by_itself_and_has_the_lock_screen_s_buttons(open_page):
    page = open_page()
    page.add_init_script(
        """window.__handlers = {};
        const set = MediaSession.prototype.setActionHandler;
        MediaSession.prototype.setActionHandler = function (name, work) {
          window.__handlers[name] = work;
          return set.call(this, name, work);
        };"""
    )
    record_response(page, 2)
    page.goto("/practice/start/")
    record(page, 2)
    submit(page)
    expect_result(page)
    page.goto("/history/listen/")
    expect(page.locator(".listen-rows li")).to_have_count(2)
    button(page, "Play").click()
    expect(page.locator("[data-part=status]")).to_have_text("The question")
    assert violations(page) == []
    title = page.locator(".listen-rows .row-title").first.inner_text()
    assert page.evaluate("navigator.mediaSession.metadata.title") == title
    page.evaluate("document.querySelector('opic-listen audio').currentTime = 999")
    expect(page.locator("[data-part=status]")).to_have_text("What would you say?", timeout=10_000)
    expect(page.locator("[data-part=status]")).to_have_text("Your best answer", timeout=20_000)
    page.evaluate("window.__handlers.nexttrack()")
    expect(page.locator(".listen-rows li").nth(1)).to_have_attribute("data-now", "")
    expect(page.locator("opic-listen")).to_have_attribute("data-state", "playing")
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    page.evaluate("window.__handlers.pause()")
    expect(page.locator("[data-part=status]")).to_have_text("Paused.")
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"
    expect(button(page, "Play")).to_be_visible()
    expect(page.locator("[data-part=place]")).to_have_text("2 of 2")
    page.evaluate("window.__handlers.previoustrack()")
    expect(page.locator(".listen-rows li").first).to_have_attribute("data-now", "")
    assert sorted(page.evaluate("Object.keys(window.__handlers)")) == [
        "nexttrack",
        "pause",
        "play",
        "previoustrack",
    ]


def test_a_piece_that_is_gone_is_left_out_of_the_queue(open_page):
    page = open_page()
    record_response(page, 2)
    page.route("**/materials/clips/**", lambda route: route.fulfill(status=404))
    page.goto("/history/listen/")
    button(page, "Play").click()
    expect(page.locator("[data-part=status]")).to_have_text("What would you say?")
    expect(page.locator("[data-part=status]")).to_have_text("Your best answer", timeout=10_000)
    expect(page.locator("[data-part=status]")).to_have_text(
        "That was the last one.", timeout=10_000
    )
    expect(button(page, "Play")).to_be_visible()
