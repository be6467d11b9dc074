"""Saving somebody's first row of a kind, where a form was sent twice at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

T = TypeVar("T")


def save_row(save: Callable[[], T]) -> T:
    """Run a save, and once more where the same row came in meanwhile: then it is updated.

    Raises IntegrityError when the second run fails too.
    """
    try:
        with transaction.atomic():
            return save()
    except IntegrityError:
        return save()
