"""The verdict over a fault run finds what it must find: each wrong row, file and call is seen."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmarks.lines import replaced
from tests.faults import verdict
from tests.faults.load import SpokenResponse
from tests.faults.model import Asked
from tests.faults.verdict import Struck, Verdict
from tests.scoring import recordings
from tests.soak import faults_report

RESPONSES = "SELECT upload_key, id, tries FROM scoring_response"


class Rows:
    """A database that says what it is told to."""

    def __init__(self, **tables: list[tuple[Any, ...]]) -> None:
        self.tables = tables

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return next(rows for name, rows in self.tables.items() if name in sql)


def rows_of(responses: list[tuple[str, str]], takes: list[str]) -> Rows:
    return Rows(
        scoring_response=[(key, pk, 1) for key, pk in responses],
        practicetake=[(pk, 1) for pk in takes],
    )


SAVED = SpokenResponse("key-a", 4.0, 0.0, saved=1.0, response="row-a")


@pytest.mark.parametrize(
    ("responses", "takes", "name"),
    [
        ([], [], "lost"),
        ([("key-a", "row-b")], ["row-b"], "lost"),
        ([("key-a", "row-a")], [], "lost"),
        ([("key-a", "row-a"), ("key-a", "row-b")], ["row-a", "row-b"], "doubled"),
    ],
)
def test_a_missing_and_a_doubled_row_are_seen(responses, takes, name):
    judged = Verdict()
    verdict._judge_rows(rows_of(responses, takes), [SAVED], judged)
    assert name in judged.faults


def test_whole_rows_are_well():
    judged = Verdict()
    verdict._judge_rows(rows_of([("key-a", "row-a")], ["row-a"]), [SAVED], judged)
    verdict._judge_ratings(Rows(scoring_rating=[("row-a", "measure", 1)]), judged)
    assert judged.faults == {}


def test_two_ratings_of_a_kind_are_doubled():
    judged = Verdict()
    verdict._judge_ratings(Rows(scoring_rating=[("row-a", "rating", 2)]), judged)
    assert judged.doubled == ["row-a rating 2"]


@pytest.mark.parametrize(
    ("was_alive", "store", "name"),
    [(True, False, "paid_twice"), (False, False, "killed_in_call"), (True, True, "unstored")],
)
def test_a_second_call_is_paid_twice_unless_its_worker_died_or_nothing_could_be_kept(
    was_alive, store, name
):
    first = Asked("hear", "zqabcdefghijkl", 1, begun=10.0, ended=11.0)
    struck = [Struck("some", False, begun=9.0, undone=12.0, well=13.0, store=store)]
    judged = Verdict()
    verdict._judge_calls(SimpleNamespace(again=[(first, was_alive)]), struck, judged)
    counts = {one: getattr(judged, one) for one in ("paid_twice", "killed_in_call", "unstored")}
    assert {one for one, value in counts.items() if value} == {name}


def test_a_file_that_is_cut_or_gone_does_not_count_as_kept(tmp_path: Path):
    whole = tmp_path / "whole.m4a"
    whole.write_bytes(recordings.as_container(recordings.speech(4), kind="m4a"))
    cut = tmp_path / "cut.m4a"
    cut.write_bytes(whole.read_bytes()[:2000])
    assert verdict._decodes(whole, 4.0)
    assert not verdict._decodes(whole, 8.0)
    assert not verdict._decodes(cut, 4.0)
    assert not verdict._decodes(tmp_path / "none.m4a", 4.0)


@pytest.mark.parametrize("name", faults_report.NAMES)
def test_one_wrong_answer_fails_the_run_and_is_marked(name):
    well = {"site": "run", "faults": [], "verdict": Verdict(responses=3).as_dict()}
    assert faults_report.holds([well])
    assert "**missed**" not in faults_report.section([well])
    wrong = {**well, "verdict": {**well["verdict"], name: ["an answer"]}}
    assert not faults_report.holds([well, wrong])
    assert "**missed**" in faults_report.section([well, wrong])


def test_a_section_is_put_in_its_own_place():
    document = "# A\n\nx\n\n## B\n\nold\n\n## C\n\ny\n"
    assert replaced(document, "## B", "## B\n\nnew\n") == "# A\n\nx\n\n## B\n\nnew\n\n## C\n\ny\n"
    assert replaced("# A\n\nx\n", "## B", "## B\n\nnew\n") == "# A\n\nx\n\n## B\n\nnew\n"
