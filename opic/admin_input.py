"""What the admin's pages cannot read is answered, not a fault: Django's own fall over it."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from opic.lib.web.readable import unreadable

View = Callable[..., HttpResponseBase]
logger = logging.getLogger(__name__)
# raised over an id, a filter or a field name that cannot be one
UNREADABLE = (
    DataError,
    FieldDoesNotExist,
    FieldError,
    OverflowError,
    ValidationError,
    ValueError,
)


def readable(view: View) -> View:
    """Return the view with 400 where it cannot read what came.

    Drawing the page belongs to it: a choice that does not exist is looked up only then.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(name.endswith("regex") for name in request.GET):
            # a pattern that is none: each database has its own error, and a good one may run long
            return unreadable(request)
        try:
            page = view(request, *args, **kwargs)
            return page.render() if isinstance(page, SimpleTemplateResponse) else page
        except UNREADABLE as exc:
            # without the value: it may be what somebody said
            logger.warning("an admin page could not read its input: %s", type(exc).__name__)
            return unreadable(request)

    return guarded
