"""Secrets of second factors are encrypted where they lie; the way back opens them."""

from django.db import migrations

from accounts.security import second_factors
from opic.lib import encryption


def encrypt(apps, schema_editor):
    second_factors.change_all(apps.get_model("mfa", "Authenticator"), encryption.encrypt_again)


def decrypt(apps, schema_editor):
    second_factors.change_all(apps.get_model("mfa", "Authenticator"), encryption.opened)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_device_seen_at"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
