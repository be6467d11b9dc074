"""A person's address, when an operator replaces it: two tables and a mail to the old one."""

from functools import partial

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


@transaction.atomic
def replace(person: User, *, before: str) -> None:
    """Make the library's rows say what the person's row says; tell the address from before.

    The new address counts as unconfirmed: the next sign-in asks for a code mailed there.
    """
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    send_mail = get_adapter().send_notification_mail
    details = {"to_email": person.email}
    transaction.on_commit(
        partial(send_mail, "account/email/email_replaced", person, details, before)
    )
