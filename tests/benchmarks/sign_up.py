"""Whether the time of a sign-up tells who has an account: known against new addresses.

Inside one process with the product's own password hasher; the medians are compared, never the
seconds.
"""

import json
import tempfile
import time
from pathlib import Path

from tests.benchmarks.lines import Line, median
from tests.product import Product

TRIES = 20
MOST_DIFFERENCE = 20.0  # per cent of the slower one


def look() -> None:
    """Print the seconds of so many tries of each kind, taken in turns."""
    from django.test import override_settings

    from tests.factories import make_user

    make_user("known@example.org")
    seconds: dict[str, list[float]] = {"known": [], "new": []}
    # one client asks forty times within a minute: the limits are another test's
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        _sign_up("warm-up@example.org")
        for number in range(TRIES):
            seconds["known"].append(_sign_up("known@example.org"))
            seconds["new"].append(_sign_up(f"new{number}@example.org"))
    print(json.dumps(seconds))  # noqa: T201


def _sign_up(email: str) -> float:
    from django.test import Client

    form = {"email": email, "password1": "a long enough pass phrase"}
    begun = time.perf_counter()
    reply = Client().post("/accounts/signup/", form, HTTP_HOST="127.0.0.1")
    assert reply.status_code == 302, reply.status_code
    return time.perf_counter() - begun


def sign_up_lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), DJANGO_SETTINGS_MODULE="tests.benchmarks.settings")
        product.prepare()
        code = "from tests.benchmarks import sign_up; sign_up.look()"
        seconds = json.loads(product.python(code).splitlines()[-1])
        product.drop_database()
    existing, new = median(seconds["known"]), median(seconds["new"])
    difference = 100 * abs(existing - new) / max(existing, new)
    name = f"signing up with a known and with a new address, medians of {TRIES}: difference"
    return [Line(name, difference, "%", MOST_DIFFERENCE)]
