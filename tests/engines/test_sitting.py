"""A sitting from the microphone check to its third question, with a reload in the second."""

from tests.engines.drivers import Browser
from tests.engines.people import do, expect_state, talk
from tests.processes import wait_for
from tests.product import Product

SITTING = "opic-sitting"
ATTEMPT = """
from accounts.models import User
from tests.exams.cases import make_attempt
print(make_attempt(User.objects.get(email="{email}")).pk)
"""
ITEMS = (
    "SELECT i.number, r.segments, r.length_ms, r.voiced_ms FROM exams_attemptitem i"
    " JOIN exams_attempt a ON a.id = i.attempt_id JOIN accounts_user u ON u.id = a.candidate_id"
    " JOIN scoring_response r ON r.id = i.response_id WHERE u.email = ? ORDER BY i.number"
)
# nothing of it stands in the way of what comes after
GIVEN_UP = (
    "UPDATE exams_attempt SET status = 'abandoned'"
    " WHERE candidate_id = (SELECT id FROM accounts_user WHERE email = ?)"
)


def speak(browser: Browser, seconds: float) -> None:
    """Hear the question, and say something once recording has begun by itself."""
    do(browser, "play", SITTING)
    expect_state(browser, "recording", SITTING)
    talk(seconds)


def wait_for_place(browser: Browser, number: int) -> None:
    browser.wait(
        "(number) => new RegExp(`\\\\b${number}\\\\b.*\\\\b15\\\\b`).test("
        "document.querySelector('[data-part=place]').textContent)",
        number,
    )


def test_its_first_questions_are_asked_said_and_sent(
    browser: Browser, product: Product, email: str
) -> None:
    attempt = product.python(ATTEMPT.format(email=email))
    try:
        sit(browser, f"{product.url}/exams/attempts/{attempt}/")
        wait_for(lambda: len(product.rows(ITEMS, email)) == 2, 30, "both answers")
    finally:
        product.write(GIVEN_UP, email)
    items = product.rows(ITEMS, email)
    assert [(number, segments) for number, segments, _length, _voiced in items] == [(1, 1), (2, 2)]
    for _number, _segments, length_ms, voiced_ms in items:
        assert length_ms > 2000
        assert voiced_ms > 1000


def sit(browser: Browser, url: str) -> None:
    browser.goto(url)
    do(browser, "check", SITTING)
    do(browser, "sample", SITTING, 40)  # this bank has no sample question
    do(browser, "begin", SITTING)
    wait_for_place(browser, 1)
    speak(browser, 4)
    do(browser, "next", SITTING)
    wait_for_place(browser, 2)
    speak(browser, 4)
    browser.reload()
    do(browser, "back", SITTING)
    expect_state(browser, "ready", SITTING)
    wait_for_place(browser, 2)
    speak(browser, 4)
    do(browser, "next", SITTING)
    wait_for_place(browser, 3)
