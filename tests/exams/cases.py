"""What tests of a sitting share: the bank, attempts with answers, and a class to begin from."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from exams.models import AttemptItem
from exams.sitting import lifecycle
from exams.survey import answers as survey_answers
from materials.bank import load
from materials.models import Prompt, PromptRevision
from materials.packs_reader import read_bank
from scoring.models import Rating, Response
from tests.factories import make_clip, make_measured, make_user

PRESET = "culture-and-travel"


def whole_bank():
    """The built-in bank, published, everything with one clip."""
    load(read_bank())
    PromptRevision.objects.update(spare_clip=make_clip())
    for revision in PromptRevision.objects.all():
        Prompt.objects.filter(pk=revision.prompt_id).update(published=revision)


def make_attempt(candidate, *, step=5, mode="real", preset=PRESET):
    survey_answers.take_preset(candidate, preset)
    return lifecycle.prepare(candidate, step=step, mode=mode)


def row(verdicts="MM"):
    words = {"M": "met", "P": "partly", "N": "not"}
    return {"intermediate": words[verdicts[0]], "advanced": words[verdicts[1]], "quotes": ["x"]}


def make_answer(item, verdicts="MM", **fields):
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


class ExamCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        whole_bank()
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
