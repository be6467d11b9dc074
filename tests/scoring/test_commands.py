"""`manage.py rerate` and `manage.py evaluate_rater`."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import CommandError, call_command

from scoring.models import Status
from tests.gemini.scripts import hears, rates
from tests.scoring import recordings
from tests.scoring.gemini_case import GeminiCase


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
        assert "Ladder of our own examples: not measured" in text
        assert "Orders to the grader: not measured" in text

    def test_ladder_and_attacks(self):
        self.fake.hear = hears("unused")
        self.fake.rate = rates(self.ROW)
        text = self.evaluated("--attacks")
        assert "Orders to the grader: 48, raised the level: 0" in text

    def test_faults_name_the_entry(self):
        with TemporaryDirectory() as place:
            with self.assertRaisesMessage(CommandError, "cannot be read"):
                self.evaluated(place)
            self.folder(place, [{"level": "IM4", "item_type": "PAST", "prompt": "x"}])
            with self.assertRaisesMessage(CommandError, "entry 1"):
                self.evaluated(place)
        with self.assertRaises(CommandError):
            self.evaluated()
