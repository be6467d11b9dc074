"""The part of `python -m tests.screens … measured` with words: a result with facts, while it is
being heard, on its own page, and beside the take before."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page

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
for made in (early, facts()):
    response = make_heard(person, prompt, with_facts=made, **fields)
    Response.objects.filter(pk=response.pk).update(measures=figures)
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


def sign_in(page: "Page", product: "Product", heard: Heard, language: str = "en") -> None:
    """Give a browser the session of somebody with words."""
    cookies = {"sessionid": heard.cookie, "django_language": language}
    page.context.add_cookies(
        [{"name": key, "value": value, "url": product.url} for key, value in cookies.items()]
    )


def walk_heard(camera: "Camera", product: "Product") -> None:
    """The question's page with a result, its top at the size of a phone, and its own page."""
    page = camera.page
    email = f"heard-{camera.name}@example.org"
    heard = somebody(product, email)
    sign_in(page, product, heard, camera.name[:2])
    page.goto(f"/practice/prompts/{heard.prompt}/")
    page.locator("#response-transcript").wait_for()
    camera.shoot("heard-question", whole=True)
    page.evaluate("document.getElementById('response-rating').scrollIntoView()")
    page.wait_for_timeout(800)
    camera.shoot("heard-top")
    page.goto(f"/responses/{heard.response}/")
    page.wait_for_timeout(800)
    camera.shoot("heard-own-page", whole=True)
    page.goto(f"/practice/prompts/{heard.hearing_prompt}/")
    page.evaluate("document.getElementById('response-rating').scrollIntoView()")
    page.wait_for_timeout(800)
    camera.shoot("hearing")
