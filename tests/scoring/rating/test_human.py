"""A person's word on a level: it wins, it is shown beside the machine's, it can be taken back."""

from django.urls import reverse

from opic.lib.levels import Level
from scoring.models import Rating, Response, Status
from scoring.rating import human as human_ratings
from tests.factories import make_measured, make_take, make_user
from tests.gemini.scripts import hears
from tests.scoring.gemini_case import GeminiCase


class PeopleTests(GeminiCase):
    def test_a_persons_level_wins_stays_and_can_be_taken_back(self):
        response = self.rated()
        machine = response.shown_rating
        teacher = make_user()
        given = human_ratings.give_level(response, teacher, Level.IM3, Level.IH, "Holds the past.")
        response.refresh_from_db()
        assert (response.shown_rating, response.status) == (given, Status.RATED)
        Rating.objects.update(cache_key="")
        response.rate_again()
        response = self.rated(response)
        assert response.shown_rating == given
        assert response.ratings.filter(source="machine").count() == 2
        assert human_ratings.take_back(given)
        assert not human_ratings.take_back(given)
        response.refresh_from_db()
        assert response.shown_rating.source == "machine"
        assert response.shown_rating.level == machine.level
        assert Rating.objects.get(pk=given.pk).reason == "Holds the past."

    def test_it_gives_what_the_machine_could_not(self):
        response = make_measured(self.person, self.prompt)
        Response.objects.filter(pk=response.pk).update(needs_person=True)
        given = human_ratings.give_level(response, make_user(), Level.IL, Level.IL, "Heard it.")
        response.refresh_from_db()
        assert (response.status, response.needs_person) == (Status.RATED, False)
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.shown_rating.kind) == (Status.MEASURED, "measure")

    def test_taken_back_it_is_left_to_a_person_again_or_counts_as_skipped_again(self):
        cases = (
            ({"status": "measured", "needs_person": True, "reason": "evidence"}, True),
            ({"status": "unratable", "reason": "too_short"}, False),
        )
        for before, needs_person in cases:
            response = make_measured(self.person, self.prompt)
            Response.objects.filter(pk=response.pk).update(**before)
            given = human_ratings.give_level(response, make_user(), Level.IL, Level.IL, "Heard it.")
            human_ratings.take_back(given)
            response.refresh_from_db()
            assert (response.status, response.reason) == (before["status"], before["reason"])
            assert response.needs_person == needs_person

    def test_taken_back_while_it_is_rated_again_the_new_rating_still_comes(self):
        response = self.rated()
        given = human_ratings.give_level(response, make_user(), Level.AL, Level.AL, "x")
        Rating.objects.update(cache_key="")
        response.rate_again()
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.shown_rating.source) == (Status.UPLOADED, "machine")
        assert self.rated(response).ratings.filter(source="machine").count() == 2

    def test_an_answer_that_could_not_be_rated_says_its_own_reason_again(self):
        self.fake.hear = hears("", language="none")
        response = self.rated()
        given = human_ratings.give_level(response, make_user(), Level.NL, Level.NM, "A few words.")
        human_ratings.take_back(given)
        response.refresh_from_db()
        assert (response.status, response.reason) == (Status.UNRATABLE, "not_heard")

    def test_not_while_a_worker_has_it(self):
        response = self.submitted()
        Response.objects.claim(str(response.pk))
        assert human_ratings.give_level(response, make_user(), Level.IL, Level.IL, "x") is None
        assert not Rating.objects.exists()

    def test_both_are_shown(self):
        response = self.rated()
        make_take(self.person, self.prompt, response)
        human_ratings.give_level(response, make_user(), Level.IM3, Level.IH, "Holds <the> past.")
        self.client.force_login(self.person)
        for url in (
            reverse("scoring:response-detail", args=[response.pk]),
            reverse("practice:prompt-detail", args=[self.prompt.pk]),
        ):
            page = self.client.get(url)
            self.assertContains(page, "A person who listened says: IM3‑IH")
            self.assertContains(page, "Holds &lt;the&gt; past.")
            self.assertContains(page, "About IM1 to IM2")
