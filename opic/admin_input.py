"""A reply of 400 to what admin pages cannot read, where Django's own would raise."""

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
# what Django raises over an id, a filter or a field name that cannot be one
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

    The page is rendered inside, too: a choice that does not exist is looked up only then.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(name.endswith("regex") for name in request.GET):
            # an invalid pattern has another error in each database, and a valid one may run long
            return unreadable(request)
        try:
            page = view(request, *args, **kwargs)
            return page.render() if isinstance(page, SimpleTemplateResponse) else page
        except UNREADABLE as exc:
            # the value is not logged: it may be something that a learner said
            logger.warning("an admin page could not read its input: %s", type(exc).__name__)
            return unreadable(request)

    return guarded
