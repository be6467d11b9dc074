"""What tests of a sitting share: a small bank, attempts with answers, and a class to begin from."""

from functools import cache

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from exams.models import AttemptItem
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from materials.bank import load
from materials.models import Prompt, PromptRevision
from materials.packs_reader import Bank, PackPrompt, read_bank
from scoring.models import Rating, Response
from tests.factories import make_clip, make_measured, make_user

PRESET = "culture-and-travel"
# enough of the built-in bank for sittings at steps 4 to 6 of somebody with the survey above:
# four topics they picked, two they did not, and two sets of each kind on topics beside them
TOPICS = frozenset({"introduction", "home", "films", "music", "parks", "phones", "weather"})
SETS = frozenset({"new-apartment", "lost-phone", "fashion-pair", "transport-pair"})
STEP = 5


@cache
def small_bank() -> Bank:
    """Return about 50 prompts of the built-in bank, with the topics and sets they need."""
    whole = read_bank()
    prompts = {key: entry for key, entry in whole.prompts.items() if _is_chosen(entry)}
    topics = {entry.topic for entry in prompts.values()}
    return Bank(
        topics={slug: whole.topics[slug] for slug in topics},
        sets={key: whole.sets[key] for key in SETS},
        prompts=prompts,
    )


def _is_chosen(entry: PackPrompt) -> bool:
    """Of a set of ours; or of a topic of ours and for step 5, or what step 4 asks at its end."""
    if entry.set_key:
        return entry.set_key in SETS
    low, high = entry.steps
    return entry.topic in TOPICS and (low <= STEP <= high or entry.item_type == "ASK_AVA")


def publish(bank):
    """Load a bank and publish all of it, everything with one clip."""
    load(bank)
    PromptRevision.objects.update(spare_clip=make_clip())
    for revision in PromptRevision.objects.all():
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)


def make_attempt(candidate, *, step=STEP, mode="real", preset=PRESET):
    survey_answers.take_preset(candidate, preset)
    return lifecycle.prepare(candidate, step=step, mode=mode)


def row(verdicts="MM"):
    words = {"M": "met", "P": "partly", "N": "not"}
    return {"intermediate": words[verdicts[0]], "advanced": words[verdicts[1]], "quotes": ["x"]}


def make_item_response(item, verdicts="MM", **fields):
    """A rated answer to an item, as the rater leaves it."""
    response = make_measured(item.attempt.candidate, item.revision.prompt, **fields)
    rating = Rating.objects.create(
        response=response,
        kind="rating",
        rater="gemini",
        level=6,
        level_low=6,
        level_high=7,
        criteria={
            name: row(verdicts)
            for name in (
                "functions",
                "content",
                "text_type",
                "comprehensibility",
                "language_control",
            )
        },
        advice={"obstacle": {"text": "It breaks here.", "quotes": ["my own words"]}},
        versions={"model": "m", "rubric": "1"},
    )
    now = timezone.now()
    Response.objects.filter(pk=response.pk).update(
        status="rated", shown_rating=rating, settled_at=now
    )
    AttemptItem.objects.filter(pk=item.pk).update(response=response)
    return response


def make_measured_item(item, **figures):
    """A measured answer to an item, with these measures; as long as they say."""
    response = make_measured(item.attempt.candidate, item.revision.prompt)
    measures = {**response.measures, **figures}
    length_ms = round(1000 * measures["length_seconds"])
    Response.objects.filter(pk=response.pk).update(
        measures=measures,
        length_ms=length_ms,
        voiced_ms=round(length_ms * measures["share_spoken"]),
        settled_at=timezone.now(),
    )
    AttemptItem.objects.filter(pk=item.pk).update(response=response)
    return response


class ExamCase(TestCase):
    bank = staticmethod(small_bank)

    @classmethod
    def setUpTestData(cls):
        publish(cls.bank())
        cls.candidate, cls.stranger = make_user(), make_user()

    def setUp(self):
        self.client.force_login(self.candidate)

    def url(self, name, attempt, *args):
        return reverse(f"exams:{name}", args=[attempt.pk, *args])

    def move(self, attempt, name, **fields):
        return self.client.post(self.url(f"attempt-{name}", attempt), fields)

    def begun(self, **options):
        attempt = make_attempt(self.candidate, **options)
        assert attempt.start()
        return attempt

    def through(self, attempt, last):
        """On from every item up to `last`."""
        for number in range(attempt.position, last + 1):
            if number == 8 and attempt.assessment.second_step is None:
                assert lifecycle.readjust(attempt, "similar")
            assert lifecycle.advance(attempt, lifecycle.Left(number))
