"""Keys for the secrets in the database: a new one, or everything encrypted again with the first."""

import secrets
from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand

from accounts.security import second_factors
from opic.lib import encryption
from opic.lib.base64url import text_of


class Command(BaseCommand):
    """Prints or rotates keys; rotating locks one row at a time, so the site may go on serving."""

    help = (
        "Print a new key (--new) to put in front of OPIC_ENCRYPTION_KEYS, or encrypt everything"
        " again with the first key (--rotate); then the other keys can go."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--new", action="store_true", help="print a new key")
        what.add_argument("--rotate", action="store_true", help="put all under the first key")

    def handle(self, *, new: bool, **_options: Any) -> None:
        if new:
            self.stdout.write(text_of(secrets.token_bytes(encryption.KEY_BYTES)))
            return
        count = second_factors.change_all(Authenticator, encryption.encrypt_again)
        self.stdout.write(f"{count} second factors are under the first key now.")
