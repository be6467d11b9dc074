"""Past answers: a picture that plays, found again by filters; a queue that plays on by itself."""

from playwright.sync_api import expect

from tests.browser.people import button, expect_result, record, sign_up, submit

SECONDS = "document.querySelector('opic-wave-player audio').currentTime"


def answered(page, seconds=6):
    sign_up(page)
    record(page, seconds)
    submit(page)
    expect_result(page)


def review(page):
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    page.locator("#history-rows a").first.click()
    slider = page.get_by_role("slider", name="Place in your answer")
    expect(slider).to_be_visible()
    return slider


def test_one_s_own_answer_plays_seeks_and_slows_down(open_page):
    page = open_page()
    answered(page)
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
    page.wait_for_timeout(1000)
    rate = page.evaluate("document.querySelector('opic-wave-player audio').playbackRate")
    assert rate == 0.5
    painted = page.evaluate(
        """() => { const canvas = document.querySelector('[data-part=whole]');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0); }"""
    )
    assert painted


def test_a_recording_that_is_deleted_leaves_its_page(open_page, product):
    page = open_page()
    answered(page, 2)
    product.write("UPDATE scoring_response SET audio = NULL")
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator("#history-rows a").first.click()
    expect(page.get_by_text("The recording is deleted")).to_be_visible()
    expect(page.locator("opic-wave-player")).to_have_count(0)


def test_filters_swap_the_list_and_have_an_address(open_page):
    page = open_page()
    answered(page, 2)
    page.goto("/history/")
    expect(page.locator("#history-rows li.row-item")).to_have_count(1)
    page.get_by_label("Answers in tests").check()
    expect(page.get_by_text("No answer fits these filters.")).to_be_visible()
    assert "mode=test" in page.url
    page.go_back()
    expect(page.locator("#history-rows li.row-item")).to_have_count(1)


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
    answered(page, 2)
    page.goto("/practice/start/")
    record(page, 2)
    submit(page)
    expect_result(page)
    page.goto("/history/listen/")
    expect(page.locator(".listen-rows li")).to_have_count(2)
    button(page, "Play").click()
    expect(page.locator("[data-part=status]")).to_have_text("The question")
    title = page.locator(".listen-rows .row-title").first.inner_text()
    assert page.evaluate("navigator.mediaSession.metadata.title") == title
    page.evaluate("document.querySelector('opic-listen audio').currentTime = 999")
    expect(page.locator("[data-part=status]")).to_have_text("What would you say?", timeout=10_000)
    expect(page.locator("[data-part=status]")).to_have_text("Your best answer", timeout=20_000)
    page.evaluate("window.__handlers.nexttrack()")
    expect(page.locator(".listen-rows li").nth(1)).to_have_attribute("data-now", "")
    page.evaluate("window.__handlers.pause()")
    expect(page.locator("[data-part=status]")).to_have_text("Paused.")
    expect(button(page, "Play")).to_be_visible()
    page.evaluate("window.__handlers.previoustrack()")
    expect(page.locator(".listen-rows li").first).to_have_attribute("data-now", "")
    assert sorted(page.evaluate("Object.keys(window.__handlers)")) == [
        "nexttrack",
        "pause",
        "play",
        "previoustrack",
    ]
