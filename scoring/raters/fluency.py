"""The embedded rater: it recognises no words and gives no level, only a delivery band."""

from scoring.audio.codec import Sound
from scoring.levels.delivery import BANDS_VERSION, band_for
from scoring.raters.base import Feedback, Heard, RatingJob


class FluencyRater:
    """The embedded rater: it needs no key and no network."""

    name = "fluency"

    def warm(self) -> None:
        """Do nothing: it needs nobody."""

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None:
        """Return None: it recognises no words."""
        return None

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return a measure: the delivery band of the job's measures, without a level."""
        band = band_for(job.measures)
        return Feedback(
            kind="measure",
            band_low=band.low.value,
            band_high=band.high.value,
            versions={"bands": BANDS_VERSION, "measures": job.measures.get("version", "")},
        )
