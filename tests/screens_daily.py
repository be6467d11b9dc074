"""The walks `daily` and `home` of `tests.screens`: what somebody who comes back every day opens."""

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


def walk_home(camera: "Camera", product: "Product") -> None:
    """Home of somebody new, and of somebody with some weeks behind them."""
    for what, count in (("new", 0), ("past", 90)):
        email = f"{what}-{camera.name}@example.org"
        code = f"from tests.benchmarks import past; past.somebody({email!r}, {count})"
        camera.enter(product, product.python(code).splitlines()[-1])
        camera.go(f"home-{what}-top", "/", whole=False)
        camera.shoot(f"home-{what}", whole=True)


def walk_daily(camera: "Camera", product: "Product") -> None:
    """History, review, phrases, cards, stories, the queue, notices, settings, eve, offline."""
    page = camera.page
    email = f"daily-{camera.name}@example.org"
    camera.enter(product, product.python(SOMEBODY.format(email=email)).splitlines()[-1])
    page.goto("/practice/start/")
    page.wait_for_selector("opic-recorder[data-state=idle]")
    camera.respond(24, "rated")
    camera.go("history", "/history/", whole=False)
    page.locator("#history-rows a").first.click()
    page.wait_for_selector("[role=slider]")
    page.wait_for_timeout(800)
    review = page.url
    camera.shoot("review", whole=True)
    page.locator(".corrections li button").last.click()
    page.wait_for_selector(".phrase-saved")
    camera.go("phrases", "/practice/phrases/", whole=False)
    camera.go("mend-asked", "/practice/mend/", whole=False)
    page.locator("#review-card form button").first.click()
    page.wait_for_selector("#review-card ins")
    camera.shoot("mend-shown")
    page.goto("/practice/stories/")
    page.locator("details.aid summary").last.click()
    camera.shoot("stories-new", whole=True)
    for what, url in PLAIN.items():
        camera.go(what, url)
    product.python(EXAM_NEAR.format(email=email))
    camera.go("home-before-exam", "/")
    camera.go("eve", "/eve/")
    camera.go("review-before-exam", review)
