"""What somebody without an account sees: the landing, and the result of one answer."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.screens import Camera


def walk_guest(camera: "Camera") -> None:
    """The landing, the one question for guests, what is asked before sending, and the result."""
    page = camera.page
    camera.go("landing", "/")
    page.goto("/practice/try/")
    page.wait_for_selector("opic-recorder[data-state=idle]")
    camera.shoot("guest-question", whole=True)
    camera.press("record", "recording")
    page.wait_for_timeout(14_000)
    camera.press("stop", "recorded")
    page.locator("[data-do=show]").wait_for()
    camera.shoot("guest-ask")
    page.locator("[data-do=show]").click()
    page.wait_for_selector("#response-rating[data-stage=done]", timeout=90_000)
    page.wait_for_timeout(700)
    camera.shoot("guest-result-top")
    camera.shoot("guest-result", whole=True)
