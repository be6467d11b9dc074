"""The WSGI application that gunicorn serves."""

import gc
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from opic.lib.web.readable import utf8_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
_serve = utf8_only(get_wsgi_application())

from opic.lib.stores.leftovers import caretaker  # noqa: E402 - needs the settings

# no collection walks what is loaded by now, so forked workers go on sharing its memory
gc.collect()
gc.freeze()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Serve a request, and start this process's sweep of files left over."""
    caretaker.be_there()
    return _serve(environ, start_response)
