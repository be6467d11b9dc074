"""gunicorn's own log, in the same lines as everything else."""

import logging.config
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger as LibraryLogger


class Logger(LibraryLogger):  # type: ignore[misc]
    """gunicorn's logger; its errors fold, mask and name their request as ours do."""

    def setup(self, cfg: Any) -> None:
        """Send gunicorn's errors to the root logger, where our handler is."""
        super().setup(cfg)
        logging.config.dictConfig(settings.LOGGING)
        # our handler is at the root logger
        self.error_log.handlers.clear()
        self.error_log.propagate = True
