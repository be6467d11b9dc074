"""What a test's measures say against a target, beside a count made the long way round."""

from itertools import pairwise

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.report import delivery as report_rules
from exams.report.delivery import (
    BY_QUESTION,
    LENGTH,
    OVER_ALL,
    PACE,
    PAUSES,
    RUNS,
    Spoken,
    change_of,
    delivery_report,
    shortfall_of,
)
from opic.lib.levels import Level
from scoring.levels.delivery import TYPICAL
from tests.factories import MEASURES

KINDS = ("INTRO", "DESC", "ROUT", "PAST", "MEM")
GOOD = {LENGTH: 80.0, PACE: 110.0, PAUSES: 0.6, RUNS: 3.0}
ADVISED = ("points", "links", "length", "hold", "time_frame_past")


def spoken(number, kind="DESC", *, facts=None, is_skipped=False, **figures):
    measures = None if is_skipped else {**MEASURES, **GOOD, **figures}
    return Spoken(number, kind, measures, facts or {}, is_skipped)


def typical_of(name, target):
    row = TYPICAL[target]
    return {
        LENGTH: row.length_seconds,
        PACE: row.words_per_minute,
        PAUSES: row.pause_seconds,
        RUNS: row.run_seconds,
    }[name]


def gap_by_hand(name, value, target):
    low, high = typical_of(name, target)
    if name == PAUSES:
        return max(value - high, 0) / (high - low)
    return max(low - value, 0) / (high - low)


@st.composite
def sat_items(draw, least=0):
    items = []
    for number in range(1, draw(st.integers(least, 15)) + 1):
        state = draw(st.sampled_from(("spoken", "spoken", "spoken", "skipped", "lost")))
        kind = draw(st.sampled_from(KINDS))
        if state != "spoken":
            items.append(Spoken(number, kind, None, {}, state == "skipped"))
            continue
        figures = {
            LENGTH: draw(st.integers(1, 150)) * 1.0,
            PACE: draw(st.integers(0, 180)) * 1.0,
            PAUSES: draw(st.integers(0, 50)) / 10,
            RUNS: draw(st.integers(1, 90)) / 10,
        }
        key = draw(st.sampled_from((None, *ADVISED)))
        facts = {"advice": {"key": key}} if key else {}
        items.append(spoken(number, kind, facts=facts, **figures))
    return items


targets = st.sampled_from(list(Level))


class DeliveryReportTests(SimpleTestCase):
    @settings(max_examples=200)
    @given(items=sat_items(), before=sat_items(), target=targets)
    def test_it_is_what_a_count_by_hand_gives(self, items, before, target):
        made = delivery_report(items, target, before=before)
        measured = [item for item in items if item.measures is not None]
        gaps = {
            item.number: {name: gap_by_hand(name, item.measures[name], target) for name in OVER_ALL}
            for item in measured
        }
        assert [row.spoken for row in made.questions] == items
        for row in made.questions:
            mine = gaps.get(row.spoken.number)
            assert [figure.name for figure in row.figures] == (list(BY_QUESTION) if mine else [])
            for figure in row.figures:
                self.assertAlmostEqual(figure.shortfall, mine[figure.name])
            worst = max((mine[name] for name in BY_QUESTION), default=0) if mine else 0
            assert sum(figure.is_worst for figure in row.figures) == (worst > 0)
            for figure in row.figures:
                if figure.is_worst:
                    self.assertAlmostEqual(figure.shortfall, worst)
        self._averages(made, measured, before, target)
        self._weakest(made, items, gaps)
        self._steps(made, items, measured, gaps, target)

    def _averages(self, made, measured, before, target):
        assert [one.name for one in made.averages] == (list(OVER_ALL) if measured else [])
        before = [item for item in before if item.measures is not None]
        for one in made.averages:
            value = sum(item.measures[one.name] for item in measured) / len(measured)
            self.assertAlmostEqual(one.value, value)
            if not before:
                assert (one.before, one.change) == (None, "")
                continue
            then = sum(item.measures[one.name] for item in before) / len(before)
            self.assertAlmostEqual(one.before, then)
            assert one.change == change_of(one.name, one.value, one.before, one.typical)

    def _weakest(self, made, items, gaps):
        worst_of = {n: max(row[name] for name in BY_QUESTION) for n, row in gaps.items()}
        worst = max(worst_of.values(), default=0)
        shares = {}
        for kind in KINDS[1:]:
            mine = [
                max(worst, 1.0) if item.is_skipped else worst_of[item.number]
                for item in items
                if item.item_type == kind and (item.is_skipped or item.number in worst_of)
            ]
            if mine:
                shares[kind] = sum(mine) / len(mine)
        if len(shares) < 2 or max(shares.values()) == 0:
            assert made.weakest_kind == ""
        else:
            self.assertAlmostEqual(shares[made.weakest_kind], max(shares.values()))

    def _steps(self, made, items, measured, gaps, target):
        shares, counts = {}, {}
        if skipped := sum(item.is_skipped for item in items):
            shares["skipped"], counts["skipped"] = skipped / len(items), skipped
        for name in OVER_ALL:
            if count := sum(row[name] > 0 for row in gaps.values()):
                key = report_rules.KEYS[name]
                spoilt = [min(row[name], 1) for row in gaps.values()]
                shares[key], counts[key] = sum(spoilt) / len(measured), count
        advised = [item.facts["advice"]["key"] for item in items if item.facts]
        for key in ("points", "links", "time_frame_past"):
            if key in advised:
                counts[key] = advised.count(key)
                shares[key] = counts[key] / len(advised)
        assert len(made.steps) == min(3, len(shares))
        for step in made.steps:
            self.assertAlmostEqual(step.weight, shares[step.key])
            assert step.count == counts[step.key]
        mean = sum(item.measures[LENGTH] for item in measured) / len(measured) if measured else 0
        is_far = bool(measured) and mean < 2 / 3 * typical_of(LENGTH, target)[0]
        assert not is_far or made.steps[0].key == "length"
        rest = [shares[step.key] for step in made.steps[is_far:]]
        left = [share for key, share in shares.items() if key not in {s.key for s in made.steps}]
        tiny = 1e-9
        assert all(one + tiny >= two for one, two in pairwise(rest))
        assert not rest or all(share <= rest[-1] + tiny for share in left)

    @given(
        name=st.sampled_from(OVER_ALL),
        target=targets,
        values=st.tuples(*[st.floats(0, 300)] * 3),
    )
    def test_a_better_figure_never_reads_worse(self, name, target, values):
        one, two, before = values
        typical = typical_of(name, target)
        better, worse = sorted((one, two), reverse=name != PAUSES)
        assert shortfall_of(name, better, typical) <= shortfall_of(name, worse, typical)
        rank = {"worse": 0, "same": 1, "better": 2, "holds": 2}
        ranks = [rank[change_of(name, value, before, typical)] for value in (worse, better)]
        assert ranks == sorted(ranks)

    def test_far_too_short_answers_come_before_all_else(self):
        items = [
            spoken(n, length_seconds=7.0 if n > 1 else 70.0, mean_pause_seconds=9.0)
            for n in range(1, 6)
        ]
        keys = [step.key for step in delivery_report(items, Level.IH).steps]
        assert keys == ["length", "pauses_inside"]

    def test_a_test_that_falls_short_nowhere_has_nothing_to_do(self):
        made = delivery_report([spoken(n, KINDS[n % 5]) for n in range(1, 16)], Level.IH)
        assert (made.steps, made.weakest_kind) == ((), "")
        assert not any(row.is_weakest for row in made.questions)

    def test_the_pace_is_that_of_the_words_where_they_were_understood(self):
        facts = {"is_understood": True, "words_per_minute": 60.0}
        unheard = {"is_understood": False, "words_per_minute": 60.0}
        made = delivery_report([spoken(1, facts=facts), spoken(2, facts=unheard)], Level.IH)
        assert [row.figures[1].value for row in made.questions] == [60.0, 110.0]
