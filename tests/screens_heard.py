"""The walk `heard` of `tests.screens`: all that words are shown on, and somebody who has some."""

from typing import TYPE_CHECKING, NamedTuple

from tests.browser.sittings import MEASURED_SITTING
from tests.screens_guest import walk_guest

if TYPE_CHECKING:
    from tests.product import Product
    from tests.screens import Camera

# two takes with sound, the second heard; and a third that is being heard
SOMEBODY = """
from datetime import timedelta
from uuid import uuid4
import numpy as np
from django.utils import timezone
from accounts.models import User
from materials.models import Prompt
from scoring.audio import codec
from scoring.audio.measures import measure
from scoring.models import Hearing, Response
from tests.benchmarks.seed import signed_in
from tests.factories import make_goal, make_heard, make_response, make_take, make_user
from tests.heard import TRANSCRIPT, facts, words_of
from tests.scoring import recordings
person = User.objects.filter(email="{email}").first() or make_user("{email}")
make_goal(person, target=8)
prompt = Prompt.objects.published().order_by("key")[{place}]
parts = []
for place in range(5):
    parts += [recordings.speech(4 + place, place), recordings.silence(0.3 + 0.4 * place)]
sound = codec.canonical([recordings.as_wav(np.concatenate(parts))])
figures = measure(codec.decode(sound.data)).as_dict()
fields = dict(sound=sound.data, length_ms=round(1000 * figures["length_seconds"]))
early = facts(word_count=31, words_per_minute=72.0, run_words=4.1, corrections=[])
early["time_frames"]["future"] = []
weaker = {{**figures, "mean_run_seconds": figures["mean_run_seconds"] / 2}}
for made, measured in ((early, weaker), (facts(), figures)):
    response = make_heard(person, prompt, with_facts=made, **fields)
    Response.objects.filter(pk=response.pk).update(measures=measured)
    make_take(person, prompt, response)
other = Prompt.objects.published().order_by("key")[{place} + 1]
waiting = make_response(person, other, measures=figures, **fields)
make_take(person, other, waiting)
part = words_of(TRANSCRIPT)[:24]
heard = {{"transcript": " ".join(word[0] for word in part), "words": part, "is_whole": False}}
Hearing.objects.create(response=waiting, ears="x", heard=heard)
until = timezone.now() + timedelta(minutes=30)
claim = dict(status="rating", claim_token=uuid4(), lease_until=until)
Response.objects.filter(pk=waiting.pk).update(**claim)
print(prompt.pk, response.pk, other.pk, waiting.pk, signed_in(person)[0])
"""
# what their newest answer holds, as the judge would say it
HOLD = """
from scoring.models import Response
from scoring.summaries import days
from tests.heard import TRANSCRIPT, quote
response = Response.objects.select_related("shown_rating").get(pk="{response}")
quotes = [quote(TRANSCRIPT, "It is bigger than the park")]
response.shown_rating.facts["tasks"] = {{"comparison": quotes}}
response.shown_rating.save()
days.recount(response)
print(quotes[0]["at"])
"""
# every answer of their tests was heard
REPORT_HEARD = """
from exams import closing
from exams.models import Attempt
from scoring.models import Rating
from tests.heard import facts
answers = Rating.objects.filter(response__attempt_item__attempt__candidate__email="{email}")
answers.update(rater="builtin", facts=facts())
"""


class Heard(NamedTuple):
    """Somebody with words: a prompt and its answer that was heard, and those being heard."""

    prompt: str
    response: str
    hearing_prompt: str
    hearing: str
    cookie: str


def somebody(product: "Product", email: str, place: int = 0) -> Heard:
    """Make somebody with words; their prompts are those at this place of the bank and the next."""
    out = product.python(SOMEBODY.format(email=email, place=place))
    return Heard(*out.split()[-len(Heard._fields) :])


def walk_heard(camera: "Camera", product: "Product") -> None:
    """All that has words: a guest's result, one's own, the comparison, the board, a report."""
    walk_guest(camera)
    email = camera.sign_up()
    camera.go("home-new", "/")
    camera.go("board-empty", "/board/")
    heard = somebody(product, email)
    page = camera.page
    page.goto(f"/practice/prompts/{heard.prompt}/")
    page.locator("#response-transcript").wait_for()
    page.wait_for_timeout(800)
    camera.shoot("result-before-scroll")
    page.locator("#both-takes summary").click()
    camera.shoot("result", whole=True)
    _look_at_result(camera, "result-top")
    camera.go("result-own-page", f"/responses/{heard.response}/")
    page.goto(f"/practice/prompts/{heard.hearing_prompt}/")
    _look_at_result(camera, "hearing")
    product.python(HOLD.format(response=heard.response))
    camera.go("board", "/board/")
    camera.shoot("board-top")
    product.python(MEASURED_SITTING.format(email=email))
    camera.go("exam-list", "/exams/")
    page.locator("ul.rows a").first.click()
    page.wait_for_selector("#attempt-result")
    camera.shoot("report-top")
    product.python(REPORT_HEARD.format(email=email))
    page.reload()
    for summary in page.locator(".report-items summary").all()[:2]:
        summary.click()
    camera.shoot("report", whole=True)
    camera.go("home", "/")


def _look_at_result(camera: "Camera", what: str) -> None:
    camera.page.evaluate("document.getElementById('response-rating').scrollIntoView()")
    camera.page.wait_for_timeout(800)
    camera.shoot(what)
