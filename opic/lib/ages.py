"""Ages, short and in the reader's language."""

from django.utils.translation import gettext


class Age:
    """A number of seconds, printed in the active language: `45 s`, `7 min`, `3 h`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def __str__(self) -> str:
        if self.seconds < 120:
            return gettext("%(count)d s") % {"count": self.seconds}
        if self.seconds < 2 * 3600:
            return gettext("%(count)d min") % {"count": self.seconds // 60}
        return gettext("%(count)d h") % {"count": self.seconds // 3600}
