"""A new pair of keys for Web Push, as lines for the environment."""

from argparse import ArgumentParser
from email.utils import parseaddr
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.push.vapid import pair_of


class Command(BaseCommand):
    """Prints a pair of keys, which is stored nowhere."""

    help = (
        "Print a new VAPID pair as environment lines. Keep it: with another pair every browser has"
        " to be switched on again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--subject",
            default=f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
            help="mailto: or https: where a push service reaches whoever runs this",
        )

    def handle(self, *, subject: str, **_options: Any) -> None:
        private, public = pair_of(ec.generate_private_key(ec.SECP256R1()))
        self.stdout.write(f"OPIC_VAPID_PRIVATE_KEY={private}")
        self.stdout.write(f"OPIC_VAPID_PUBLIC_KEY={public}")
        self.stdout.write(f"OPIC_VAPID_SUBJECT={subject}")
