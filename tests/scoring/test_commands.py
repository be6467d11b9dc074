"""`manage.py rerate` and `manage.py evaluate_rater`."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.management import CommandError, call_command

from scoring.evaluation import runner
from scoring.models import Rating, Status
from tests.factories import make_rated
from tests.gemini.scripts import hears, rates
from tests.scoring import recordings
from tests.scoring.gemini_case import SOUND, GeminiCase


class RerateTests(GeminiCase):
    def test_the_old_result_is_kept_beside_the_new(self):
        response = self.rated()
        with self.captureOnCommitCallbacks(execute=True):
            call_command("rerate", str(response.pk), fresh=True, stdout=StringIO())
        response.refresh_from_db()
        assert response.status == Status.RATED
        assert response.ratings.filter(kind="rating").count() == 2
        assert len(self.fake.of_kind("hear")) == 1
        assert len(self.fake.of_kind("rate")) == 2

    def test_nothing_changed_nothing_asked(self):
        response = self.rated(self.submitted(audio_sha256="c" * 64))
        with self.captureOnCommitCallbacks(execute=True):
            call_command("rerate", "--since", "2020-01-01", stdout=StringIO())
        assert len(self.fake.calls) == 2
        assert response.ratings.count() == 2

    def test_the_old_level_is_shown_beside_the_new(self):
        def rating(response, level, rubric, **fields):
            ends = {"level": level, "level_low": level, "level_high": level}
            versions = {"rubric": rubric}
            Rating.objects.create(
                response=response, kind="rating", versions=versions, **ends, **fields
            )

        for levels in ((5, 5), (5, 6), (6, 5), (9, 4), (2, 8, 7)):
            response = make_rated(self.person, level=levels[0], sound=SOUND)
            response.ratings.update(versions={"rubric": "1"})
            for level in levels[1:]:
                rating(response, level, "2")
            rating(response, 9, "-", source="person")  # not a machine's
        make_rated(self.person, sound=SOUND)  # rated once
        out = StringIO()
        with self.captureOnCommitCallbacks() as queued:
            call_command("rerate", "--since", "2020-01-01", "--compare", stdout=out)
        assert queued == []
        lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
        assert lines[:3] == ["5 answers rated again.", "Rubric 1 -> 2: 4", "Rubric 2 -> 2: 1"]
        table = ["up 3+ 0", "up 2 0", "up 1 1", "same 1", "down 1 2", "down 2 0", "down 3+ 1"]
        assert lines[5:12] == table
        assert lines[14:] == ["IM1 IM2 1", "IM2 IM1 1", "IH IM3 1", "AL IL 1"]

    def test_it_asks_which(self):
        with self.assertRaises(CommandError):
            call_command("rerate")
        out = StringIO()
        call_command("rerate", "--since", "2020-01-01", "--check", stdout=out)
        assert out.getvalue() == "0 answers.\n"


class EvaluateTests(GeminiCase):
    def evaluated(self, *arguments):
        out = StringIO()
        call_command("evaluate_rater", *arguments, stdout=out)
        return out.getvalue()

    def folder(self, place, rows):
        (Path(place) / "answers.json").write_text(json.dumps(rows))
        return str(place)

    def test_recordings_with_agreed_levels(self):
        with TemporaryDirectory() as place:
            sound = recordings.as_container(recordings.speech(45))
            (Path(place) / "a.webm").write_bytes(sound)
            row = {"item_type": "PAST", "prompt": self.ROW["prompt"], "file": "a.webm"}
            rows = [{**row, "level": "IM2"}, {**row, "level": "IM3"}]
            text = self.evaluated(self.folder(place, rows), "--repeat", "2")
        assert "Exact: 50 %" in text
        assert "Within one: 100 %" in text
        assert "Same level every time: 100 %" in text
        assert "bias at IM3: -1.00" in text
        assert "too few to say anything firm" in text
        assert "Calls: 8, cost: 0.0" in text
        assert "Ladder of our own examples, of equal length: not measured" in text
        assert "Orders to the grader: not measured" in text

    def test_ladder_and_attacks(self):
        self.fake.hear = hears("unused")
        self.fake.rate = rates(self.ROW)
        text = self.evaluated("--attacks")
        assert "Orders to the grader: 48, raised the level: 0" in text

    def test_the_ladder_is_of_equal_length_and_says_what_counting_words_gets(self):
        self.fake.rate = rates(self.ROW)
        with mock.patch.object(runner, "ladder", return_value=runner.ladder()[:6]):
            text = self.evaluated("--ladder")
        assert "of equal length: 6" in text
        assert "Counting words instead ranks them with rho" in text
        assert len(runner.ladder()) == 288

    def test_faults_name_the_entry(self):
        with TemporaryDirectory() as place:
            with self.assertRaisesMessage(CommandError, "cannot be read"):
                self.evaluated(place)
            self.folder(place, [{"level": "IM4", "item_type": "PAST", "prompt": "x"}])
            with self.assertRaisesMessage(CommandError, "entry 1"):
                self.evaluated(place)
        with self.assertRaises(CommandError):
            self.evaluated()
