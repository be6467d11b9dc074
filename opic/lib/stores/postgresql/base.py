"""Connections that hang up on a server that does not reply (`OPIC_DATABASE_WAIT_SECONDS`)."""

from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg import IsolationLevel, errors
from psycopg.abc import RV, PQGen

from opic.lib.stores.away import Away
from opic.lib.stores.database_limits import CONNECT_SECONDS, counted_wait, waiting_at_most

# after a failed connect the others of this process need not wait for the same
AWAY = Away(seconds=1, trial_seconds=CONNECT_SECONDS + 1)
CHECK_SECONDS = 3.0


class Connection(psycopg.Connection[Any]):
    """A connection on which every wait for the server has an end.

    The server's own statement_timeout does not end anything while the server is stopped or the
    network swallows its replies.
    """

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server; past the limit close the connection and raise OperationalError."""
        with counted_wait(settings.OPIC_DATABASE_WAIT_SECONDS or None) as longest:
            most = longest if timeout is None else timeout
            try:
                return super().wait(gen, interval, most)
            # the driver's own name for it, there is no public one
            except errors._WaitTimeout:
                if timeout is not None:
                    raise
                # what the server says later belongs to nobody: this connection is of no more use
                self.pgconn.finish()
                text = f"the database did not answer within {most:.1f} s"
                raise psycopg.OperationalError(text) from None


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend with our connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, or raise OperationalError; just after a failure without trying."""
        if not AWAY.may_try():
            raise psycopg.OperationalError("the database could not be reached a moment ago")
        # Django reads it when a transaction begins
        self.isolation_level = IsolationLevel.READ_COMMITTED
        try:
            connection = Connection.connect(**conn_params)
        except psycopg.Error:
            AWAY.failed()
            raise
        AWAY.worked()
        return connection

    def is_usable(self) -> bool:
        """Check the connection, within CHECK_SECONDS."""
        with waiting_at_most(CHECK_SECONDS):
            return bool(super().is_usable())
