"""The one error of ears and raters, which says whether to try again. Below both; no tables."""

from scoring.reasons import Reason


class AdapterError(Exception):
    """Nothing was heard, or judged, this time.

    `retry`: another try may work, `after_seconds` from now. `is_vendor`: the service we asked is
    busy or down, which costs the response no try. With neither a person should listen, because of
    `reason`: there is no reply from the model, or it cannot be trusted.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool,
        after_seconds: float = 30.0,
        is_vendor: bool = False,
        reason: str = Reason.REPLY,
    ) -> None:
        super().__init__(message)
        self.retry, self.after_seconds, self.is_vendor = retry, after_seconds, is_vendor
        self.reason = reason
