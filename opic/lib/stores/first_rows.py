"""Somebody's first row of a kind, saved twice at once: a form was sent by two presses."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

T = TypeVar("T")


def save_row(save: Callable[[], T]) -> T:
    """Run a save, and once more where the same row came in meanwhile: then it is updated."""
    try:
        with transaction.atomic():
            return save()
    except IntegrityError:
        return save()
