"""Where what is made for the measurements lies: made again when it is gone, never committed."""

from tests.product import BASE

CACHE = BASE / "data" / "made-voices"
