"""The README's two pictures, made from the product: `make pictures`.

A desktop shows home of somebody with some weeks behind them, a phone a question to answer.
"""

import base64
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import launch
from tests.product import BASE, Product

FOLDER = BASE / "docs" / "pictures"
QUALITY = 80  # of 100
SOMEBODY = """
from accounts import consents
from accounts.models import User
from tests.benchmarks import past
past.whole_bank()
past.somebody("mina@example.org", 90)
person = User.objects.get(email="mina@example.org")
person.name = "Mina"
person.save()
consents.give(person, ["recording", "abroad"])
"""


def shoot(page: Page, name: str) -> None:
    """Write what is on the screen; WebP is a third of PNG, and only the protocol makes it."""
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    made = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(made["data"]))


def open_as(browser: Browser, product: Product, cookie: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=product.url,
        locale="en-US",
        color_scheme="light",
        viewport={"width": size[0], "height": size[1]},
        service_workers="block",
    )
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": product.url}])
    return context.new_page()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = launch(playwright)
        with Product(Path(place) / "product") as product:
            cookie = product.python(SOMEBODY).splitlines()[-1]
            desktop = open_as(browser, product, cookie, (1280, 800))
            desktop.goto("/")
            shoot(desktop, "desktop")
            phone = open_as(browser, product, cookie, (390, 844))
            phone.goto("/practice/start/")
            phone.wait_for_selector("opic-recorder[data-state=idle]")
            shoot(phone, "phone")
        browser.close()


if __name__ == "__main__":
    main()
