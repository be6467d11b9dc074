"""What tests of the security log share: its lines, and how to listen."""

import logging
import re
from contextlib import contextmanager
from unittest import mock

from accounts.security import log as security_log
from accounts.security.log import Repeats
from opic.lib.incidents import message_of

IP = "203.0.113.77"
LINE = re.compile(
    r"(?P<event>\w+) user=(?P<user>\S+) address=(?P<address>\S+) client=(?P<client>\S+)"
    r" request=(?P<request>\S+) how=(?P<how>\S+)\Z"
)


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # the console's masks for incidents leave these lines as they are
        assert message_of(record) == record.getMessage()
        self.lines.append(record.getMessage())


@contextmanager
def listening():
    handler = Lines()
    logger = logging.getLogger("opic.security")
    logger.addHandler(handler)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)


@contextmanager
def fresh_counts():
    with mock.patch.object(security_log, "_repeats", Repeats()):
        yield
