"""URLs of many rows, resolved once."""

from functools import lru_cache
from uuid import UUID

from django.urls import reverse


@lru_cache(maxsize=16)
def address_of(name: str) -> str:
    """Return the URL of a view with `{}` in the place of its id.

    A list of twenty would resolve each one anew.
    """
    nobody = UUID(int=0)
    return reverse(name, args=[nobody]).replace(str(nobody), "{}")
