"""Six kinds of people at every address, with the owner's ids: nobody else sees or changes a row.

A part of the methods by chance, always the same; all of them in tests/soak/test_walks.py.
"""

import random

import pytest
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.urls import reverse

from practice.models import Story
from tests.walks.people import PeopleWalk
from tests.walks.places import path_to_person
from tests.walks.walk import SEED
from tests.walks.world import permitted, signed_in

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

# what needs no permission at the desk: signing in and out, the index, its texts
FOR_ALL_STAFF = (
    *("admin/", "admin/login/", "admin/logout/", "admin/jsi18n/"),
    *("admin/password_change/", "admin/password_change/done/"),
)


class PeopleTests(PeopleWalk):
    def test_nobody_else_sees_or_changes_a_row(self):
        assert self.walk_strangers(random.Random(SEED), share=0.15) == []

    def test_the_owner_meets_no_fault_and_looking_changes_nothing(self):
        assert self.walk_owner(random.Random(SEED), share=0.15) == []

    def test_the_owner_sees_what_is_theirs(self):
        """Or the walk would look for something that is nowhere."""
        seen = [place.route for place in self.own if self.is_leaked(self.world.owner, place)]
        assert {"", "practice/phrases/", "practice/stories/"} <= set(seen)
        assert {"responses/<uuid:response_id>/", "responses/<uuid:response_id>/audio/"} <= set(seen)

    def test_every_address_of_ours_is_closed_unless_it_says_otherwise(self):
        ours = (
            "practice.",
            "scoring.",
            "materials.",
            "exams.",
            "opic.pages.board",
            "opic.pages.history",
            "opic.pages.listening",
        )
        open_ones = {
            place.route
            for place in self.own
            if place.module.startswith(ours) and not getattr(place.callback, "login_required", True)
        }
        # the ticket is its permission; one question for guests, its voice, and what they have heard
        assert open_ones == {
            "practice/prompts/<uuid:prompt_id>/revisions/<int:number>/takes/",
            "exams/attempts/<uuid:attempt_id>/items/<int:number>/answer/",
            "practice/try/",
            "practice/try/audio/",
            "practice/try/send/",
            "practice/try/result/",
            "practice/try/forget/",
        }

    # --- the desk ---

    def test_who_may_is_let_in(self):
        """Or the walk would find nothing, from outside."""
        for kind in ("staff with", "root"):
            lists = [place for place in self.admin_places if place.route.count("/") == 3]
            opened = {self.send(kind, "GET", place.path).status for place in lists}
            assert 200 in opened, kind
            assert len(lists) >= 8
        changes = [place for place in self.admin_places if place.route.endswith("/change/")]
        for place in changes:
            assert self.send("root", "GET", place.path).status == 200, place.route

    def test_staff_without_a_permission_see_the_index_and_nothing_of_anybody(self):
        for place in self.admin_places:
            if place.route in FOR_ALL_STAFF or "<url>" in place.route:
                continue
            reply = self.send("staff without", "GET", place.path)
            assert reply.status in {302, 403, 404}, place.route

    def test_one_permission_opens_one_admin_page(self):
        models = list(admin.site._registry)
        urls = {
            model: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for model in models
        }
        for model in models:
            name = get_permission_codename("view", model._meta)
            only = Permission.objects.get(
                codename=name, content_type__app_label=model._meta.app_label
            )
            person = signed_in("only", permitted(only))
            some = [model, *random.Random(SEED).sample(models, 3)]
            opened = {one for one in some if self.status_of(person, urls[one]) == 200}
            assert opened <= {model}, model

    def test_the_walk_knows_whose_every_row_is(self):
        assert path_to_person(Story) == "learner"

    # --- the walk itself: new addresses are found, and what is wrong with them ---

    def problems_at(self, word: str) -> list[str]:
        return self.walk_strangers(random.Random(SEED), share=1, places=self.planted(word))

    def test_a_view_that_finds_everybodys_card_is_found(self):
        assert any("was told" in problem for problem in self.problems_at("leaking"))

    def test_a_view_that_changes_everybodys_story_is_found(self):
        assert any("changed practice_story" in problem for problem in self.problems_at("spoiling"))

    def test_a_view_that_says_what_exists_is_found(self):
        assert any("another answer than" in problem for problem in self.problems_at("telling"))
