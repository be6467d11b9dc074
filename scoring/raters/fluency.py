"""The embedded rater of delivery alone: it needs no words and gives no level."""

from scoring.ears.base import Heard
from scoring.levels.delivery import BANDS_VERSION, band_for
from scoring.raters.base import FLUENCY, Feedback, RatingJob


class FluencyRater:
    """The rater that looks at no words."""

    name = FLUENCY

    def warm(self) -> None:
        """Do nothing: it needs nobody."""

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return a measure: the delivery band of the job's measures, without a level."""
        band = band_for(job.measures)
        return Feedback(
            kind="measure",
            band_low=band.low.value,
            band_high=band.high.value,
            versions={"bands": BANDS_VERSION, "measures": job.measures.get("version", "")},
        )
