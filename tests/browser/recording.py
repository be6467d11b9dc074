"""The recorder in a test: its parts, and what lies in the browser's own store."""

from playwright.sync_api import expect

from tests.browser.people import PASSWORD

STATE = "data-state"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.4 Safari/605.1.15"
)


def recorder(page):
    return page.locator("opic-recorder")


def notice(page):
    return page.locator("opic-recorder [data-part=notice]")


def outbox_rows(page):
    """How many answers and chunks lie in the browser's own store."""
    return page.evaluate(
        """async () => {
          const counts = {};
          for (const { name } of await indexedDB.databases()) {
            const base = await new Promise((done) => {
              const request = indexedDB.open(name);
              request.onsuccess = () => done(request.result);
            });
            for (const store of base.objectStoreNames) {
              counts[store] = await new Promise((done) => {
                const request = base.transaction(store).objectStore(store).count();
                request.onsuccess = () => done(request.result);
              });
            }
            base.close();
          }
          return counts;
        }"""
    )


def sign_in(page, email):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form").first.get_by_role("button").first.click()
    expect(page.get_by_role("link", name="Practice", exact=True)).to_be_visible()


def sign_out(page):
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
