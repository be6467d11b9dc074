"""How full the disk under the data folder is: an early warning, and no new recording on a full one.

A recording that was made is still taken while its bytes fit; what is refused is to begin one.
"""

import logging
import shutil

from django.conf import settings

logger = logging.getLogger(__name__)
WARN_PERCENT = 80


def percent_used() -> float:
    """Return per cent of what this account may use, as `df` counts; 0 where it is unknown."""
    try:
        usage = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return 0.0
    return 100 * usage.used / max(1, usage.used + usage.free)


def is_full() -> bool:
    """Return whether the disk is so full that nobody may begin to record."""
    return percent_used() >= settings.OPIC_DISK_FULL_PERCENT


def warn() -> None:
    """Log one line when the disk is nearly full.

    The regular sweeps of web and worker hosts call it.
    """
    used = percent_used()
    if used >= min(WARN_PERCENT, settings.OPIC_DISK_FULL_PERCENT):
        logger.warning(
            "the disk under DATA_DIR is %d %% full: from %d %% on nobody can record here",
            used,
            settings.OPIC_DISK_FULL_PERCENT,
        )
