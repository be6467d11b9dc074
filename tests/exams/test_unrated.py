"""What has no rating is told apart and counted on top of the report, and makes no level up."""

import re
from datetime import timedelta

from django.test import SimpleTestCase
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as SearchingTestCase

from accounts.models import Notice
from accounts.texts.notices import words_of
from exams import closing
from exams.models import Attempt, AttemptItem
from materials.models import PROBES_ADVANCED
from opic.lib.levels import Level
from opic.lib.unrated_texts import Cause, unrated_sentence
from scoring.levels import sitting as sitting_level
from scoring.levels.sitting import ItemEvidence, State
from scoring.models import SKIPPED_REASONS, Reason, Response, Waits
from tests.exams.cases import ExamCase, make_item_response
from tests.factories import make_measured
from tests.scoring.sittings import HIGH, MIDDLE

# what becomes of an item: fields of its response; None is no response
STATES = {
    "rated": {},
    "skipped": None,
    **{reason: {"status": "unratable", "reason": reason} for reason in SKIPPED_REASONS},
    "technical": {"status": "unratable", "reason": Reason.TECHNICAL},
    "gave up": {"status": "unratable", "reason": Reason.GAVE_UP},
    "service": {"status": "uploaded", "waits_for": Waits.VENDOR},
    "reply": {"status": "uploaded", "waits_for": Waits.REPLY},
    "budget": {"status": "uploaded", "waits_for": Waits.PERSON_BUDGET},
    "consent": {"status": "measured", "waits_for": Waits.CONSENT},
    "person": {"status": "measured", "needs_person": True, "reason": Reason.EVIDENCE},
    "old": {"status": "measured", "needs_person": True},
}
CAUSES = {
    "technical": Cause.TECHNICAL,
    "gave up": Cause.TECHNICAL,
    "service": Cause.SERVICE,
    "reply": Cause.SERVICE,
    "budget": Cause.BUDGET,
    "consent": Cause.CONSENT,
    "person": Cause.PERSON,
    "old": Cause.PERSON,
}
SKIPPED = {"skipped", *SKIPPED_REASONS}


def set_state(item, state, received_at):
    fields = STATES[state]
    AttemptItem.objects.filter(pk=item.pk).update(left_at=received_at, is_skipped=fields is None)
    if fields is None:
        return
    if state == "rated":
        make_item_response(item, "MP")
        return
    response = make_measured(item.attempt.candidate, item.revision.prompt)
    changes = {**fields, "received_at": received_at}
    if fields["status"] == "unratable":
        changes["shown_rating"] = None
    Response.objects.filter(pk=response.pk).update(**changes)
    AttemptItem.objects.filter(pk=item.pk).update(response=response)


class AnyStatesTests(SearchingTestCase, ExamCase):
    """Over sittings with items in any states: the sentence's numbers are those of the states."""

    def setUp(self):
        """Nothing: each example has a client of its own."""

    def sit(self, states):
        """A sitting of 15 handed in long ago, its items in these states."""
        attempt = self.begun()
        self.through(attempt, 15)
        long_ago = timezone.now() - timedelta(hours=1)
        items = attempt.items.select_related("revision__prompt", "attempt__candidate")
        for item, state in zip(items, states, strict=True):
            set_state(item, state, long_ago)
        attempt.submit()
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=long_ago)
        closing.close_if_final(str(attempt.pk))
        return Attempt.objects.for_page().get(pk=attempt.pk)

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=4).flatmap(
            lambda some: st.lists(st.sampled_from(some), min_size=15, max_size=15)
        )
    )
    def test_the_report_says_how_many_and_why(self, states):
        attempt = self.sit(states)
        items = list(attempt.items.for_report())
        counts = {
            cause: n
            for cause in Cause
            if (n := sum(CAUSES.get(state) is cause for state in states))
        }
        assert attempt.result.report["unrated"] == {c.value: n for c, n in counts.items()}
        self.client.force_login(self.candidate)
        page = self.client.get(self.url("attempt-detail", attempt)).content.decode()
        # nothing here rates but what was rated before
        sentence = unrated_sentence(counts, len(items), has_ratings="rated" in states)
        assert sentence in page
        assert bool(sentence) == any(state in CAUSES for state in states)
        skipped = sum(state in SKIPPED for state in states)
        match = re.search(r"(\d+) questions? counts? as skipped", page)
        assert int(match[1] if match else 0) == skipped
        self._assert_level(attempt.result, items, states)
        is_open = any(state in {"service", "reply", "budget", "consent"} for state in states)
        assert attempt.result.is_complete != is_open
        notices = Notice.objects.filter(person=self.candidate)
        assert [sentence in words_of(notice).body for notice in notices] == [True] * (not is_open)

    def _assert_level(self, result, items, states):
        counted = [item for item, state in zip(items, states, strict=True) if state not in CAUSES]
        probes = [item for item in counted if item.item_type in PROBES_ADVANCED]
        if 3 * len(counted) < len(items) or not probes:
            assert result.level is None
        if result.report.get("reason") in {"intermediate", "advanced", "function"}:
            assert states.count("rated") >= 2


class RuleTests(SimpleTestCase):
    """No level from almost nothing; a reason only on what two rated answers show."""

    TYPES = (HIGH.split(), MIDDLE.split())
    CODES = {"M": 1.0, "P": 0.5, "N": 0.0}
    KINDS = ("MM", "MP", "MN", "PN", "NN", "skipped", "lost")

    def evidence(self, types, kinds):
        made = []
        for number, (item_type, kind) in enumerate(zip(types, kinds, strict=True), 1):
            state = {"skipped": State.SKIPPED, "lost": State.LEFT_OUT}.get(kind, State.RATED)
            values = {}
            if state is State.RATED:
                standards = [(sitting_level.Standard.INTERMEDIATE, kind[0])]
                if item_type in PROBES_ADVANCED:
                    standards.append((sitting_level.Standard.ADVANCED, kind[1]))
                values = {
                    (standard, criterion): self.CODES[code]
                    for standard, code in standards
                    for criterion in sitting_level.CRITERIA
                }
            made.append(ItemEvidence(number, item_type, state, values))
        return made

    @settings(max_examples=150)
    @given(data=st.data(), types=st.sampled_from(TYPES))
    def test_a_reason_stands_on_two_rated_answers(self, data, types):
        some = data.draw(st.lists(st.sampled_from(self.KINDS), min_size=1, max_size=3))
        kinds = data.draw(st.lists(st.sampled_from(some), min_size=15, max_size=15))
        evidence = self.evidence(types, kinds)
        if closing.why_no_level(evidence):
            return
        result = sitting_level.result_of(evidence, cap=Level.AL, simulations=20)
        rated = [one for one in evidence if one.state is State.RATED]
        probes = [one for one in rated if one.probes_advanced]
        counted = [one for one in evidence if one.state is not State.LEFT_OUT]
        assert 3 * len(counted) >= len(evidence)
        assert any(one.probes_advanced for one in counted)
        speaking = {
            "intermediate": len(rated),
            "advanced": len(probes),
            "function": sum(
                sitting_level.FUNCTIONS[one.item_type] == result.weakest for one in probes
            ),
        }
        assert speaking.get(result.reason, 2) >= 2
        if result.reason == "not_tested":
            assert min(speaking.values()) < 2 or result.level == Level.IH

    def test_a_third_is_enough_and_less_is_not(self):
        for count, expected in ((4, "few"), (5, None)):
            kinds = ["lost"] * (15 - count) + ["MM"] * count
            assert closing.why_no_level(self.evidence(self.TYPES[0], kinds)) == expected

    def test_without_what_looks_for_more_there_is_no_level(self):
        types = self.TYPES[0]
        kinds = ["lost" if kind in PROBES_ADVANCED else "MM" for kind in types]
        assert closing.why_no_level(self.evidence(types, kinds)) == "no_probe"

    def test_the_sentence_in_every_language(self):
        for language in ("en", "ko", "vi"):
            with translation.override(language):
                for cause in Cause:
                    for n in (1, 2, 11):
                        text = unrated_sentence({cause: n, Cause.PERSON: 3}, 15)
                        numbers = {int(number) for number in re.findall(r"\d+", text)}
                        parts = {3} if cause is Cause.PERSON else {n, 3}
                        assert numbers == {15, sum(parts)} | parts, text
                        assert text.count(".") == 1
                        assert text.endswith(".")
                        assert "%" not in text

    def test_in_english_one_is_one(self):
        with translation.override("en"):
            assert unrated_sentence({Cause.TECHNICAL: 1}, 15) == (
                "1 of 15 answers has no rating: 1 lost for technical reasons; no more ratings are"
                " to come."
            )
            assert unrated_sentence({Cause.SERVICE: 3, Cause.PERSON: 2}, 15) == (
                "5 of 15 answers have no rating: 2 left to a person, 3 waiting for the rating"
                " service; what waits comes by itself, and the report is then made anew."
            )
