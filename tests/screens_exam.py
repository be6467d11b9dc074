"""The walk of `python -m tests.screens … exam`: a report with a level, and a sitting to its end."""

from typing import TYPE_CHECKING

from tests.browser.sittings import RATED_SITTING

if TYPE_CHECKING:
    from tests.product import Product
    from tests.screens import Camera


def _speak(camera: "Camera") -> None:
    page = camera.page
    page.locator("[data-do=play]").wait_for(state="visible")
    page.locator("[data-do=play]").click()
    page.wait_for_selector("opic-sitting[data-state=recording]", timeout=30_000)
    page.wait_for_timeout(3500)


def walk_exam(camera: "Camera", product: "Product") -> None:
    """Survey, step, set-up, a question, the re-adjustment, the end, a report."""
    page = camera.page
    email = camera.sign_up()
    product.python(RATED_SITTING.format(email=email))
    camera.go("exam-list", "/exams/")
    page.locator("ul.rows a").first.click()
    page.wait_for_selector("#attempt-result")
    camera.shoot("exam-report-top")
    camera.shoot("exam-report", whole=True)
    page.goto("/exams/survey/1/")
    page.locator("[name=work][value=company]").check()
    page.locator("[name=has_job]").first.wait_for()
    camera.shoot("exam-survey-1")
    camera.go("exam-survey-4", "/exams/survey/4/")
    page.goto("/exams/survey/1/")
    page.locator("details.aid summary").first.click()
    page.locator("form.preset button").first.click()
    camera.go("exam-steps", "/exams/new/")
    page.locator("[name=step][value='5']").check()
    page.locator("form.self-assessment button").click()
    page.locator("[data-do=check]").click()
    page.locator("[data-do=sample]").wait_for(state="visible", timeout=20_000)
    camera.shoot("exam-set-up", whole=True)
    page.locator("[data-do=sample]").click()
    _speak(camera)
    page.locator("[data-do=next]").click()
    page.locator("[data-do=begin]").wait_for(state="visible")
    camera.shoot("exam-ready")
    page.locator("[data-do=begin]").click()
    _speak(camera)
    camera.shoot("exam-question")
    page.locator("[data-do=next]").click()
    page.locator("[data-do=play]").wait_for(state="visible")
    product.write("UPDATE exams_attempt SET position = 8 WHERE status = 'in_progress'")
    page.reload()
    page.locator("[data-do=back]").wait_for(state="visible")
    camera.shoot("exam-back")
    page.locator("[data-do=back]").click()
    page.locator("[data-do=readjust]").first.wait_for(state="visible")
    camera.shoot("exam-readjust")
    page.locator("[data-do=readjust]").first.click()
    page.locator("[data-do=play]").wait_for(state="visible")
    page.locator(".sitting-early summary").click()
    page.locator("[data-do=early]").click()
    page.wait_for_selector("#attempt-result", timeout=30_000)
    page.wait_for_timeout(1500)
    camera.shoot("exam-report-measured", whole=True)
