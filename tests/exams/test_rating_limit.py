"""Before a test its page says what of it can be rated today, and nothing where all can."""

from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from accounts import consents
from exams.rating_limit import limit_text
from exams.survey import answers as survey_answers
from scoring.models import ModelCall
from tests.exams.cases import PRESET, ExamCase, make_attempt
from tests.factories import make_response


@override_settings(
    OPIC_RATER="gemini",
    OPIC_EARS="gemini",
    OPIC_DAILY_RATINGS_PER_USER=20,
    OPIC_DAILY_RATINGS_SITE=100,
)
class RatingLimitTests(ExamCase):
    def setUp(self):
        super().setUp()
        consents.give(self.candidate, ["abroad"])
        survey_answers.take_preset(self.candidate, PRESET)

    def rated(self, person, count):
        response = make_response(person)
        calls = [ModelCall(person=person, kind="hear", outcome="ok") for _ in range(count - 1)]
        ModelCall.objects.bulk_create(calls)
        for _ in range(3):  # several calls for one answer are one
            response.model_calls.create(person=person, kind="hear", outcome="ok")

    def pages(self):
        attempt = make_attempt(self.candidate)
        created = self.client.get(reverse("exams:attempt-create")).content.decode()
        setup = self.client.get(self.url("attempt-detail", attempt)).content.decode()
        return created, setup

    def test_the_page_before_a_test_and_its_set_up_say_how_many_can_be_rated(self):
        self.rated(self.candidate, 15)
        for page in self.pages():
            assert "Today 5 more answers of yours can be rated. The others" in page

    def test_nothing_is_said_where_the_limit_does_not_bite(self):
        self.rated(self.candidate, 5)
        for page in self.pages():
            assert "can be rated" not in page
            assert "used up" not in page

    def test_each_boundary(self):
        for used, left in ((5, ""), (6, "14 more answers"), (19, "1 more answer of"), (20, "used")):
            ModelCall.objects.all().delete()
            self.rated(self.candidate, used)
            text = limit_text(self.candidate, 15)
            assert left in text, used
            assert bool(text) == bool(left)

    def test_the_site_s_limit_is_told_too(self):
        self.rated(self.stranger, 97)
        assert limit_text(self.candidate, 15).startswith("This site can rate 3 more answers until ")
        self.rated(self.stranger, 3)
        assert "are used up until" in limit_text(self.candidate, 15)

    def test_nobody_is_told_who_gets_no_ratings(self):
        self.rated(self.candidate, 20)
        with override_settings(OPIC_RATER="fluency", OPIC_EARS="none"):
            assert not limit_text(self.candidate, 15)
        consents.withdraw(self.candidate, "abroad")
        assert not limit_text(self.candidate, 15)

    def test_every_language_has_the_number(self):
        self.rated(self.candidate, 15)
        texts = set()
        for language in ("en", "ko", "vi"):
            with translation.override(language):
                texts.add(limit_text(self.candidate, 15))
        assert len(texts) == 3
        assert all("5" in text for text in texts)
