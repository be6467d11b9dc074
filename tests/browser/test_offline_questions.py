"""The questions that a newcomer's device holds for a time without a network."""

from playwright.sync_api import expect

from tests.browser import sittings
from tests.browser.offline import WHOLE, go_offline, until
from tests.browser.people import agree, button, go_to_consent, record

STORE_IS_TRIED = """() => new Promise((done) => {
  const opening = indexedDB.open("opic-shelf");
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => done(false);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("people").objectStore("people").getAll();
    asked.onsuccess = () => (opening.result.close(), done(asked.result.length > 0));
  };
})"""


def test_who_has_just_agreed_has_ten_of_them(open_page, tmp_path, exam_folder):
    """The page that asks for consent has none to store, and does not count as a filling of it."""
    with sittings.quick_exams(tmp_path / "product", exam_folder) as product:
        page = open_page(base_url=product.url, service_workers="allow")
        go_to_consent(page)
        page.wait_for_timeout(5000)  # as long as somebody reads
        until(page, STORE_IS_TRIED)
        assert not page.evaluate(WHOLE)
        agree(page)
        page.wait_for_load_state("networkidle")
        go_offline(page, product)
        page.goto("/practice/")
        questions = page.locator("[data-list=prompts] button")
        expect(questions).to_have_count(10)
        questions.first.click()
        button(page, "Play question").click()
        expect(page.locator("opic-prompt-player")).to_have_attribute("data-state", "playing")
        record(page, 2)
        button(page, "Submit").click()
        expect(page.locator("opic-recorder")).to_contain_text("waits on this device")
