"""How the product is served: `gunicorn --config python:opic.gunicorn opic.wsgi:application`.

`manage.py run` uses it too. Everything here can be said on the command line instead.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")

from django.conf import settings

from opic.lib import processes

worker_class = "opic.lib.web.worker.Worker"
workers = min(os.cpu_count() or 1, 2)
# each thread keeps a database connection of its own; one more a process is for health
threads = max(settings.OPIC_DATABASE_CONNECTIONS // workers - 1, 2)
worker_connections = 1000
# a proxy, or a browser on this machine, may reuse a connection so long
keepalive = 5
# a process whose loop does not turn for so long is replaced; threads may take longer
timeout = 120
graceful_timeout = 30
preload_app = True
control_socket_disable = True
# with sendfile a client that stops reading would hold its thread for ever
sendfile = False
logger_class = "opic.lib.web.log.Logger"
loglevel = "warning"
# without the query: no ticket or code is in a path, but what people type may be in a query
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s %(D)s'


def post_fork(_server: Any, worker: Any) -> None:
    """Have a worker end with its master, however that one ends, and make ready for requests."""
    processes.die_with(worker.ppid)
    processes.begin_work()
