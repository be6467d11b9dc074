"""Replacing a person's e-mail address in the admin: allauth's row, and a mail to the old one."""

from functools import partial

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


@transaction.atomic
def replace(person: User, *, before: str) -> None:
    """Make allauth's row follow the person's own, and mail a notice to the old address.

    The new address counts as unconfirmed: the next sign-in asks for a code mailed there.
    """
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    send_mail = get_adapter().send_notification_mail
    details = {"to_email": person.email}
    transaction.on_commit(
        partial(send_mail, "account/email/email_replaced", person, details, before)
    )
