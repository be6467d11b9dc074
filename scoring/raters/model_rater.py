"""What raters behind a model share: one call that judges a transcript and is given no sound.

It names no level: `scoring.raters.validation` and `scoring.levels.response` make it.
"""

from dataclasses import replace

from scoring.adapter_error import AdapterError
from scoring.ears.base import Heard
from scoring.model_clients.asking import ModelAdapter
from scoring.model_clients.base import Ask, Reply
from scoring.model_clients.replies import MalformedError, read
from scoring.raters import instruction, schemas, validation
from scoring.raters.base import Feedback, RatingJob
from scoring.raters.schemas import RateReply

RATE_TOKENS = 4096


class ModelRater(ModelAdapter):
    """A rater behind one client."""

    def rate(self, job: RatingJob, heard: Heard | None) -> Feedback:
        """Return a level range made from the model's judgements and evidence.

        Raises AdapterError.
        """
        if heard is None:
            raise AdapterError("nothing was heard before judging", retry=False)
        ask = Ask(
            "rate",
            instruction.for_rating(job.item_type),
            [instruction.material(job, heard.transcript)],
            schemas.RATE_SCHEMA,
            RATE_TOKENS,
        )

        def believed(reply: Reply) -> Feedback:
            judged = read(reply.text, RateReply)
            if not schemas.is_whole(judged):
                raise MalformedError("judgements")
            made = validation.feedback_from(judged, job, heard)
            versions = {**made.versions, "model": reply.model, "hear_model": heard.model}
            return replace(made, versions=versions)

        return self.ask(ask, job.usage_recorder, believed)
