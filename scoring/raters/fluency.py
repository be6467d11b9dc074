"""The embedded rater: it hears no words and gives no level, only a delivery band."""

from scoring.audio.codec import Sound
from scoring.levels.delivery import BANDS_VERSION, band_for
from scoring.raters.base import Feedback, Heard, RatingJob


class FluencyRater:
    name = "fluency"

    def hear(self, job: RatingJob, sound: Sound) -> Heard | None:
        """Return None: nothing is heard here, no words and no transcript."""
        return None

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        band = band_for(job.measures)
        return Feedback(
            kind="measure",
            band_low=band.low.value,
            band_high=band.high.value,
            versions={"bands": BANDS_VERSION, "measures": job.measures.get("version", "")},
        )
