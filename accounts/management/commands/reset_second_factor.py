"""Removal of a second factor, for somebody who lost both the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from accounts.security.log import Event, write


class Command(BaseCommand):
    """Removes a second factor and logs it; CommandError for an unknown address."""

    help = "Remove a person's second factor and recovery codes, and tell them by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **_options: Any) -> None:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        with transaction.atomic():
            count, _rows = Authenticator.objects.filter(user=person).delete()
        if not count:
            self.stdout.write(f"{email} has no second factor.")
            return
        write(Event.FACTOR_REMOVED, None, person, how="command")
        get_adapter().send_notification_mail("account/email/factor_reset", person)
        self.stdout.write(f"{email} signs in without a second step now, and was told by mail.")
