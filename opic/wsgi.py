"""What gunicorn serves."""

import gc
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from opic.lib.web.readable import utf8_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
_serve = utf8_only(get_wsgi_application())

from opic.lib.stores.leftovers import caretaker  # noqa: E402 - needs the settings

# what is loaded stays: no collection walks it again, and workers share its pages
gc.collect()
gc.freeze()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Serve Django, and sweep in each process that serves."""
    caretaker.be_there()
    return _serve(environ, start_response)
