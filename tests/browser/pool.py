"""People who are signed in before a test begins, made inside the product's database."""

import json

from allauth.account.models import EmailAddress

from accounts import consents
from accounts.models import User
from tests.benchmarks.seed import signed_in
from tests.browser.people import PASSWORD

PEOPLE = 150


def fill() -> None:
    """Prints their e-mails and cookies."""
    first = User.objects.create_user("pool0@example.org", PASSWORD)
    rows = [
        User(email=f"pool{number}@example.org", password=first.password)
        for number in range(1, PEOPLE)
    ]
    people = [first, *User.objects.bulk_create(rows)]
    filled = []
    for person in people:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        consents.give(person, ["recording"])
        filled.append([person.email, signed_in(person)[0]])
    print(json.dumps(filled))  # noqa: T201
