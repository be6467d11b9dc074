"""The built-in judge as a rater: a measure with facts, no level."""

from dataclasses import replace

from scoring.ears.base import Heard
from scoring.raters.base import BUILTIN, Feedback, RatingJob
from scoring.raters.builtin.facts import FACTS_VERSION, Asked, facts_of
from scoring.raters.fluency import FluencyRater


class BuiltinRater:
    """The judge that needs no key and no network, but ears that give word times."""

    name = BUILTIN

    def warm(self) -> None:
        """Read the word lists before workers fork."""
        facts_of([["warm", 0.0, 0.4, 1.0]], {}, Asked(points=("warm up",)))

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return a measure with facts about the words heard; delivery alone without word times."""
        measured = FluencyRater().rate(job, None)
        rows = heard.details.get("words") if heard else None
        if not rows:
            return measured
        asked = Asked(
            item_type=job.item_type,
            prompt_text=job.prompt_text,
            points=job.points,
            target=job.target,
            advised_lately=job.advised_lately,
            switched_off=job.switched_off,
        )
        facts = facts_of(rows, job.measures, asked)
        versions = {**measured.versions, "facts": FACTS_VERSION}
        return replace(measured, facts=facts, versions=versions)
