"""Addresses of many rows: looked up once, not once a row."""

from functools import lru_cache
from uuid import UUID

from django.urls import reverse


@lru_cache(maxsize=32)
def address_of(name: str) -> str:
    """Return the path of a view that takes one id, with `{}` where the id goes."""
    nobody = UUID(int=0)
    return reverse(name, args=[nobody]).replace(str(nobody), "{}")
