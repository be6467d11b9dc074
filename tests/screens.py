"""Pictures of pages, for looking at: `python -m tests.screens [folder] [languages] [what] [only]`.

Phone and desktop, light and dark, in each language; `only` is a part of the names to make, as in
`390-dark`. `what` names a set-up and what is walked through in it, see `SETUPS`.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scoring.ears import weights_sources
from tests.browser.conftest import launch, microphone
from tests.browser.people import PASSWORD, enter
from tests.browser.sittings import FAST, shorten
from tests.gemini.scripts import example, hears, judged
from tests.gemini.server import Call, FakeGemini, Script, ScriptedReply, scripted_reply
from tests.product import Product
from tests.scoring import recordings
from tests.screens_daily import walk_daily, walk_home
from tests.screens_exam import walk_exam
from tests.screens_guest import walk_guest
from tests.screens_heard import walk_heard

SIZES = {"390": (390, 664), "1280": (1280, 800)}
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

    def go(self, what: str, url: str, *, whole: bool = True) -> None:
        self.page.goto(url)
        self.page.wait_for_timeout(500)
        self.shoot(what, whole=whole)

    def enter(self, product: Product, cookie: str) -> None:
        """Give the browser a session, in the language of this camera."""
        enter(self.page, product, cookie, self.name[:2])

    def sign_up(self) -> str:
        """Create an account and agree to all that is asked: at the first question afterwards."""
        page, email = self.page, f"mina-{self.name}@example.org"
        self.go("sign-up", "/accounts/signup/")
        page.locator("[name=email]").first.fill(email)
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.locator("main form button").first.click()
        page.wait_for_selector("[name=recording]")
        self.shoot("consent", whole=True)
        for box in page.locator("form.consent [type=checkbox]").all():
            box.check()
        page.locator("main form button").first.click()
        page.wait_for_selector("opic-recorder[data-state=idle]")
        return email

    def respond(self, seconds: int, status: str) -> None:
        """Record, submit, and wait for the result."""
        page = self.page
        self.press("record", "recording")
        page.wait_for_timeout(1000 * seconds)
        self.shoot("question-recording")
        self.press("stop", "recorded")
        self.shoot("question-recorded")
        self.press("submit", "saved")
        page.wait_for_selector(f"#response-rating[data-status={status}]", timeout=60_000)
        page.wait_for_timeout(700)


def walk_measured(camera: Camera, _product: Product) -> None:
    """Landing, a guest's answer, sign-up, consent, and the first answer of one's own."""
    walk_guest(camera)
    camera.sign_up()
    camera.respond(14, "measured")
    camera.shoot("result-top")
    camera.shoot("result", whole=True)
    camera.go("practice-list", "/practice/", whole=False)
    camera.go("home", "/")


def walk_rated(camera: Camera, _product: Product) -> None:
    """One answer rated by the loopback model."""
    camera.sign_up()
    camera.respond(24, "rated")
    camera.shoot("rated-top")
    camera.shoot("rated", whole=True)


def walk_consent(camera: Camera, _product: Product) -> None:
    camera.go("landing", "/")
    camera.sign_up()


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


class Setup(NamedTuple):
    """What runs, and what is walked through in it."""

    walk: Callable[[Camera, Product], None]
    environment: dict[str, str] = {}
    is_rated: bool = False
    has_ears: bool = False
    # what is run before in the product
    before: Callable[[Product], object] = lambda _product: None


def whole_bank(product: Product) -> None:
    product.python("from tests.benchmarks import past; past.whole_bank()")


# words that leave while the voice stays: heard on a server of one's own, judged elsewhere
WORDS_LEAVE = {
    "OPIC_EARS": "openai",
    "OPIC_EARS_URL": "http://127.0.0.1:9/v1",
    "OPIC_EARS_MODEL": "small-ears",
    "OPIC_LLM_OWN": "1",
}
# one guest for each picture of a guest
GUESTS = {"OPIC_GUEST_ANSWERS_PER_HOUR": "100"}
SETUPS = {
    "measured": Setup(walk_measured, GUESTS),
    "heard": Setup(walk_heard, GUESTS, has_ears=True, before=whole_bank),
    "rated": Setup(walk_rated, is_rated=True),
    "words-leave": Setup(walk_consent, WORDS_LEAVE, is_rated=True),
    "exam": Setup(walk_exam, FAST, before=shorten),
    "home": Setup(walk_home, is_rated=True, before=whole_bank),
    "daily": Setup(walk_daily, is_rated=True, before=whole_bank),
}


def contexts(
    browser: Browser, product: Product, languages: list[str], only: str
) -> Iterator[tuple[BrowserContext, str]]:
    """One for each language, size and theme, and its name."""
    for language in languages:
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                name = f"{language}-{size}-{theme}"
                if only not in name:
                    continue
                context = browser.new_context(
                    base_url=product.url,
                    locale=LANGUAGES[language],
                    color_scheme=theme,  # type: ignore[arg-type]
                    viewport={"width": width, "height": height},
                )
                yield context, name
                context.close()


def main(folder: Path, languages: list[str], what: str, only: str) -> None:
    setup, row = SETUPS[what], example("past-im2-a")
    fake = FakeGemini(hears(row["transcript"]), speaks(row))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright, fake:
        wav, data = Path(place) / "speech.wav", Path(place) / "product"
        wav.write_bytes(recordings.as_wav(recordings.speech(40)))
        browser = launch(playwright, *microphone(wav))
        rating = {"GEMINI_API_KEY": fake.key, "GEMINI_API_ENDPOINT": fake.url}
        environment = {**setup.environment, **(rating if setup.is_rated else {})}
        if setup.has_ears:
            missing = weights_sources.prepare(data, "base")
            assert not missing, missing
        with Product(data, **environment) as product:
            setup.before(product)
            for context, name in contexts(browser, product, languages, only):
                setup.walk(Camera(context, folder / what, name), product)


if __name__ == "__main__":
    where, names, what, only = (*sys.argv[1:], *["", "", "", ""][len(sys.argv) - 1 :])
    wanted = names.split(",") if names else list(LANGUAGES)
    main(Path(where or "test-results/screens"), wanted, what or "measured", only)
