"""Pictures of pages, for looking at: `python -m tests.screens [folder] [languages] [what]`.

Landing, sign-up, practice list, prompt page while recording, measured answer; phone and
desktop, light and dark, in each language. `what`: measured (these, and a result with words),
rated, exam, home or daily.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.conftest import launch, microphone
from tests.browser.people import PASSWORD
from tests.browser.sittings import FAST, RATED_SITTING, shorten
from tests.gemini.scripts import example, hears, judged
from tests.gemini.server import Call, FakeGemini, Script, ScriptedReply, scripted_reply
from tests.product import Product
from tests.scoring import recordings
from tests.screens_daily import walk_daily
from tests.screens_heard import walk_heard

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

    def walk_rated(self) -> None:
        """One answer rated by the loopback model."""
        page = self.page
        page.goto("/accounts/signup/")
        page.locator("[name=email]").first.fill(f"mina-{self.name}@example.org")
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.locator("main form button").first.click()
        page.locator("[name=recording]").check()
        page.locator("[name=abroad]").check()
        page.locator("main form button").first.click()
        page.wait_for_selector("opic-recorder[data-state=idle]")
        self.press("record", "recording")
        page.wait_for_timeout(30_000)
        self.press("stop", "recorded")
        self.press("submit", "saved")
        page.wait_for_selector("#response-rating[data-status=rated]")
        page.wait_for_timeout(700)
        self.shoot("rated", whole=True)
        page.locator("#response-rating").scroll_into_view_if_needed()
        self.shoot("rated-top")

    def walk_exam(self, product: Product) -> None:
        """Survey, step, set-up, a question, the re-adjustment, the end, a report."""
        page = self.page
        email = f"mina-{self.name}@example.org"
        page.goto("/accounts/signup/")
        page.locator("[name=email]").first.fill(email)
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.locator("main form button").first.click()
        page.locator("[name=recording]").check()
        page.locator("main form button").first.click()
        page.wait_for_selector("opic-recorder[data-state=idle]")
        product.python(RATED_SITTING.format(email=email))
        page.goto("/exams/")
        self.shoot("exam-list", whole=True)
        page.locator("ul.rows a").first.click()
        page.wait_for_selector("#attempt-result")
        self.shoot("exam-report-top")
        self.shoot("exam-report", whole=True)
        page.goto("/exams/survey/1/")
        page.locator("[name=work][value=company]").check()
        page.locator("[name=has_job]").first.wait_for()
        self.shoot("exam-survey-1")
        page.goto("/exams/survey/4/")
        self.shoot("exam-survey-4")
        page.goto("/exams/survey/1/")
        page.locator("details.aid summary").first.click()
        page.locator("form.preset button").first.click()
        page.goto("/exams/new/")
        self.shoot("exam-steps", whole=True)
        page.locator("[name=step][value='5']").check()
        page.locator("form.self-assessment button").click()
        page.locator("[data-do=check]").click()
        page.locator("[data-do=sample]").wait_for(state="visible", timeout=20_000)
        self.shoot("exam-set-up", whole=True)
        page.locator("[data-do=sample]").click()
        self.speak()
        page.locator("[data-do=next]").click()
        page.locator("[data-do=begin]").wait_for(state="visible")
        self.shoot("exam-ready")
        page.locator("[data-do=begin]").click()
        self.speak()
        self.shoot("exam-question")
        page.locator("[data-do=next]").click()
        page.locator("[data-do=play]").wait_for(state="visible")
        product.write("UPDATE exams_attempt SET position = 8 WHERE status = 'in_progress'")
        page.reload()
        page.locator("[data-do=back]").wait_for(state="visible")
        self.shoot("exam-back")
        page.locator("[data-do=back]").click()
        page.locator("[data-do=readjust]").first.wait_for(state="visible")
        self.shoot("exam-readjust")
        page.locator("[data-do=readjust]").first.click()
        page.locator("[data-do=play]").wait_for(state="visible")
        page.locator(".sitting-early summary").click()
        page.locator("[data-do=early]").click()
        page.wait_for_selector("#attempt-result", timeout=30_000)
        page.wait_for_timeout(1500)
        self.shoot("exam-report-measured")

    def walk_home(self, product: Product) -> None:
        """Home of somebody new, and of somebody with some weeks behind them."""
        for what in ("new", "past"):
            email = f"{what}-{self.name}@example.org"
            count = 90 if what == "past" else 0
            code = f"from tests.benchmarks import past; past.somebody({email!r}, {count})"
            cookie = product.python(code).splitlines()[-1]
            cookies = {"sessionid": cookie, "django_language": self.name[:2]}
            self.page.context.add_cookies(
                [
                    {"name": name, "value": value, "url": product.url}
                    for name, value in cookies.items()
                ]
            )
            self.page.goto("/")
            self.shoot(f"home-{what}-top")
            self.shoot(f"home-{what}", whole=True)

    def speak(self) -> None:
        self.page.locator("[data-do=play]").wait_for(state="visible")
        self.page.locator("[data-do=play]").click()
        self.page.wait_for_selector("opic-sitting[data-state=recording]", timeout=30_000)
        self.page.wait_for_timeout(3500)


SPOKEN = {
    "ko": {
        "why": "어제 일이니까 과거형이에요.",
        "good": "순서대로 말해서 따라가기 쉬워요.",
        "mend": "끝까지 과거형을 지켜 보세요.",
        "obstacle": "이야기는 있지만 과거형이 자주 현재형으로 바뀌고, 문장이 짧게 끊겨요.",
        "next": [
            "같은 이야기를 과거형으로만 다시 말해 보세요.",
            "문장마다 이유를 하나 붙여 보세요.",
        ],
    },
    "vi": {
        "why": "Chuyện hôm qua nên dùng thì quá khứ.",
        "good": "Bạn kể theo thứ tự nên dễ theo dõi.",
        "mend": "Hãy giữ thì quá khứ đến cuối câu chuyện.",
        "obstacle": "Có câu chuyện, nhưng thì quá khứ hay chuyển sang hiện tại và câu còn ngắn.",
        "next": ["Kể lại chuyện này chỉ bằng thì quá khứ.", "Thêm một lý do sau mỗi câu."],
    },
}


def speaks(row: dict[str, Any]) -> Script:
    """A model that gives its sentences in the feedback language it is asked for."""

    def script(call: Call) -> ScriptedReply:
        reply = judged(row)
        for code, name in (("ko", "Korean"), ("vi", "Vietnamese")):
            if f"Feedback language: {name}" in call.texts[0]:
                words = SPOKEN[code]
                reply["obstacle"]["text"], reply["next"] = words["obstacle"], words["next"]
                for correction in reply["corrections"]:
                    correction["why"] = words["why"]
                for area in reply["areas"]:
                    area |= {"good": words["good"], "mend": words["mend"]}
        return scripted_reply(reply, call=call)

    return script


def contexts(browser: Browser, product: Product, languages: list[str]) -> Iterator[Any]:
    """One for each language, size and theme, and its name."""
    for language in languages:
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                context = browser.new_context(
                    base_url=product.url,
                    locale=LANGUAGES[language],
                    color_scheme=theme,  # type: ignore[arg-type]
                    viewport={"width": width, "height": height},
                )
                yield context, f"{language}-{size}-{theme}"
                context.close()


def _walk(camera: Camera, product: Product, what: str) -> None:
    if what == "exam":
        camera.walk_exam(product)
    elif what == "rated":
        camera.walk_rated()
    elif what == "home":
        camera.walk_home(product)
    elif what == "daily":
        walk_daily(camera, product)
    else:
        camera.walk()
        walk_heard(camera, product)


def main(folder: Path, languages: list[str], what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    row = example("past-im2-a")
    fake = FakeGemini(hears(row["transcript"]), speaks(row))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright, fake:
        wav = Path(place) / "speech.wav"
        wav.write_bytes(recordings.as_wav(recordings.speech(40)))
        browser = launch(playwright, *microphone(wav))
        rating = {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url}
        environment = rating if what in {"rated", "home", "daily"} else {}
        quick = FAST if what == "exam" else {}
        with Product(Path(place) / "product", **environment, **quick) as product:
            if what == "exam":
                shorten(product)
            if what in {"home", "daily"}:
                product.python("from tests.benchmarks import past; past.whole_bank()")
            for context, name in contexts(browser, product, languages):
                camera = Camera(context, folder, name)
                _walk(camera, product, what)


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "test-results/screens")
    wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else list(LANGUAGES)
    main(where, wanted, sys.argv[3] if len(sys.argv) > 3 else "measured")
