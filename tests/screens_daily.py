"""The walk of `python -m tests.screens … daily`: what somebody who comes back every day opens."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.product import Product
    from tests.screens import Camera

PLAIN = {
    "practice-list": "/practice/",
    "listen": "/history/listen/",
    "notices": "/accounts/notices/",
    "settings": "/accounts/settings/",
    "offline": "/offline/",
}
SOMEBODY = """
from accounts import consents
from accounts.models import User
from tests.benchmarks import past
past.somebody("{email}", 60)
consents.give(User.objects.get(email="{email}"), ["abroad"])
"""
EXAM_NEAR = """
from datetime import timedelta
from accounts.models import Goal, User
person = User.objects.get(email="{email}")
Goal.objects.filter(learner=person).update(exam_on=person.today + timedelta(days=1))
"""


def _sign_in(camera: "Camera", product: "Product", email: str) -> None:
    code = SOMEBODY.format(email=email)
    cookie = product.python(code).splitlines()[-1]
    cookies = {"sessionid": cookie, "django_language": camera.name[:2]}
    camera.page.context.add_cookies(
        [{"name": key, "value": value, "url": product.url} for key, value in cookies.items()]
    )


def _speak(camera: "Camera") -> None:
    """One real answer, rated."""
    page = camera.page
    page.goto("/practice/start/")
    page.wait_for_selector("opic-recorder[data-state=idle]")
    camera.press("record", "recording")
    page.wait_for_timeout(24_000)
    camera.press("stop", "recorded")
    camera.press("submit", "saved")
    page.wait_for_selector("#response-rating[data-status=rated]", timeout=60_000)


def walk_daily(camera: "Camera", product: "Product") -> None:
    """Try, history, review, phrases, cards, stories, the queue, notices, settings, eve, offline."""
    page = camera.page
    email = f"daily-{camera.name}@example.org"
    page.goto("/practice/try/")
    page.wait_for_selector("opic-recorder[data-state=idle]")
    camera.shoot("try", whole=True)
    _sign_in(camera, product, email)
    _speak(camera)
    page.goto("/history/")
    camera.shoot("history")
    page.locator("#history-rows a").first.click()
    page.wait_for_selector("[role=slider]")
    page.wait_for_timeout(800)
    review = page.url
    camera.shoot("review", whole=True)
    page.locator(".corrections li button").last.click()
    page.wait_for_selector(".phrase-saved")
    page.goto("/practice/phrases/")
    camera.shoot("phrases")
    page.goto("/practice/mend/")
    camera.shoot("mend-asked")
    page.locator("#review-card form button").first.click()
    page.wait_for_selector("#review-card ins")
    camera.shoot("mend-shown")
    page.goto("/practice/stories/")
    page.locator("details.aid summary").last.click()
    camera.shoot("stories-new", whole=True)
    for what, url in PLAIN.items():
        page.goto(url)
        page.wait_for_timeout(500)
        camera.shoot(what, whole=True)
    product.python(EXAM_NEAR.format(email=email))
    page.goto("/")
    camera.shoot("home-before-exam", whole=True)
    page.goto("/eve/")
    camera.shoot("eve", whole=True)
    page.goto(review)
    camera.shoot("review-before-exam", whole=True)
