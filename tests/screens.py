"""Pictures of the pages people see most, for looking at: `python -m tests.screens [folder]`.

Landing, sign-up, practice list, prompt page while recording, measured answer; phone and
desktop, light and dark, in each language.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.conftest import launch, microphone
from tests.browser.people import PASSWORD
from tests.product import Product
from tests.scoring import recordings

SIZES = {"390": (390, 844), "1280": (1280, 860)}
LANGUAGES = {"en": "en-US", "ko": "ko-KR", "vi": "vi-VN"}


class Camera:
    """One context: a language, a size, a theme."""

    def __init__(self, context: BrowserContext, folder: Path, name: str) -> None:
        self.page: Page = context.new_page()
        self.folder, self.name = folder, name

    def shoot(self, what: str, *, whole: bool = False) -> None:
        self.page.screenshot(path=self.folder / f"{what}-{self.name}.png", full_page=whole)

    def press(self, action: str, state: str) -> None:
        self.page.locator(f"[data-do={action}]").click()
        self.page.wait_for_selector(f"opic-recorder[data-state={state}]")

    def walk(self) -> None:
        page = self.page
        page.goto("/")
        self.shoot("landing", whole=True)
        page.goto("/accounts/signup/")
        self.shoot("sign-up")
        page.locator("[name=email]").first.fill(f"mina-{self.name}@example.org")
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.locator("main form button").first.click()
        page.wait_for_selector("[name=recording]")
        self.shoot("consent", whole=True)
        page.locator("[name=recording]").check()
        page.locator("main form button").first.click()
        page.wait_for_selector("opic-recorder[data-state=idle]")
        self.press("record", "recording")
        page.wait_for_timeout(22_000)
        self.shoot("prompt-recording")
        self.press("stop", "recorded")
        self.press("submit", "saved")
        page.wait_for_selector("#response-rating[data-status=measured]")
        page.wait_for_timeout(700)
        page.locator("#response-rating").scroll_into_view_if_needed()
        self.shoot("prompt-measured", whole=True)
        page.goto("/practice/")
        self.shoot("practice-list")
        page.goto("/")
        self.shoot("home")


def main(folder: Path, languages: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        wav = Path(place) / "speech.wav"
        wav.write_bytes(recordings.as_wav(recordings.speech(40)))
        browser = launch(playwright, *microphone(wav))
        with Product(Path(place) / "product") as product:
            for language in languages:
                for size, (width, height) in SIZES.items():
                    for theme in ("light", "dark"):
                        context = browser.new_context(
                            base_url=product.url,
                            locale=LANGUAGES[language],
                            color_scheme=theme,  # type: ignore[arg-type]
                            viewport={"width": width, "height": height},
                        )
                        Camera(context, folder, f"{language}-{size}-{theme}").walk()
                        context.close()


if __name__ == "__main__":
    wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else list(LANGUAGES)
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "test-results/screens"), wanted)
