"""One permission alone never becomes more: no other permission, address, secret or session."""

import re
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import Consent, User
from tests.factories import enter_admin, make_measured, make_prompt, make_sample, make_user

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

SECRET = "JBSWY3DPEHPK3PXP"
# every field of a person's row that is power, and hostile values for the rest
HOSTILE = {
    "email": "thief@example.org",
    "name": "Renamed",
    "language": "en",
    "time_zone": "Asia/Seoul",
    "is_active": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "password": "x",
    "verified": "on",
    "primary": "on",
    "post": "yes",
}


def pages():
    """Every page of the admin: (model's label, URL, what may be posted beside the hostile form)."""
    for model, page in admin.site._registry.items():
        label = model._meta.label_lower
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = list(model._default_manager.all()[: 3 if model in (User, Group) else 1])
        actions = [getattr(one, "__name__", one) for one in page.actions or []]
        chosen = [str(row.pk) for row in rows]
        posts = [
            {"action": action, "_selected_action": chosen}
            for action in ("delete_selected", *actions)
        ]
        yield label, reverse(f"{name}_changelist"), posts
        yield label, reverse(f"{name}_add"), [{}]
        for row in rows:
            for action in ("change", "delete"):
                yield label, reverse(f"{name}_{action}", args=[row.pk]), [{}]


@override_settings(ROOT_URLCONF="tests.accounts.short_refusals")
class MatrixTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.learner = make_user("learner@example.org")
        cls.root = make_user("root@example.org", is_staff=True, is_superuser=True)
        for person in (cls.learner, cls.root):
            EmailAddress.objects.create(
                user=person, email=person.email, verified=True, primary=True
            )
            TOTP.activate(person, SECRET)
            RecoveryCodes.activate(person)
        cls.group = Group.objects.create(name="powerful")
        cls.group.permissions.set(Permission.objects.all())
        prompt = make_prompt()
        make_sample(prompt)
        make_measured(cls.learner, prompt)
        cls.pages = list(pages())
        cls.codes = [
            code
            for row in Authenticator.objects.filter(type="recovery_codes")
            for code in row.wrap().generate_codes()
        ]
        wanted = Permission.objects.filter(codename__in=["change_user", "listen_response"])
        powers = list(wanted.values_list("pk", flat=True))
        cls.hostile = {
            **HOSTILE,
            "groups": [cls.group.pk],
            "user_permissions": powers,
            "permissions": powers,
        }

    def people(self):
        """Everything that is power or leads to somebody's account."""
        rows = User.objects.order_by("pk").prefetch_related("groups", "user_permissions")
        return (
            [
                (
                    row.pk,
                    row.email,
                    row.password,
                    row.is_staff,
                    row.is_superuser,
                    sorted(group.pk for group in row.groups.all()),
                    sorted(one.pk for one in row.user_permissions.all()),
                )
                for row in rows
            ],
            list(EmailAddress.objects.order_by("pk").values()),
            list(Authenticator.objects.order_by("pk").values("pk", "user", "type", "data")),
            list(Group.permissions.through.objects.order_by("pk").values()),
            Consent.objects.count(),
        )

    def strangers_sessions(self, staff):
        owners = [row.get_decoded().get("_auth_user_id") for row in Session.objects.all()]
        return [owner for owner in owners if owner not in (None, str(staff.pk))]

    def attack(self, staff, labels):
        """Post to every page, and look at those of these models. Yield what was shown, and where.

        Of the other models' pages, those that add and delete get one post each.
        """
        client = Client()
        enter_admin(client, staff)
        for label, url, posts in self.pages:
            is_near = label in labels or label in ("accounts.user", "auth.group")
            if not is_near and not url.endswith(("/add/", "/delete/")):
                continue
            replies = [client.get(url)] if label in labels else []
            for more in posts if is_near else posts[:1]:
                form = urlencode({**self.hostile, **more}, doseq=True)
                replies.append(client.post(url, form, "application/x-www-form-urlencoded"))
            for reply in replies:
                assert reply.status_code in {200, 302, 403, 404}, url
                if reply.status_code == 200:
                    yield url, reply.content.decode()

    def check(self, name, *permissions):
        Session.objects.all().delete()
        staff = make_user(f"{name}@example.org", is_staff=True)
        staff.user_permissions.set(permissions)
        TOTP.activate(staff, SECRET)
        labels = {f"{one.content_type.app_label}.{one.content_type.model}" for one in permissions}
        before = self.people()
        for url, text in self.attack(staff, labels):
            assert SECRET not in text, (name, url)
            assert not any(code in text for code in self.codes), (name, url)
        assert self.people() == before, name
        assert self.strangers_sessions(staff) == [], name
        assert not mail.outbox, name
        User.objects.filter(pk=staff.pk).delete()

    def each_alone(self, *actions):
        """Every permission on a model of the admin whose name begins with one of these, or, if
        none is given, with none of the usual four.
        """
        labels = {(model._meta.app_label, model._meta.model_name) for model in admin.site._registry}
        usual = ("view_", "add_", "change_", "delete_")
        permissions = [
            one
            for one in Permission.objects.select_related("content_type")
            if (one.content_type.app_label, one.content_type.model) in labels
            and one.codename.startswith(actions or usual) is bool(actions)
        ]
        assert permissions
        for permission in permissions:
            with self.subTest(permission.codename):
                app = permission.content_type.app_label
                self.check(f"{app}-{permission.codename}", permission)

    def test_each_permission_to_view_alone(self):
        self.each_alone("view_")

    def test_each_permission_to_add_alone(self):
        self.each_alone("add_")

    def test_each_permission_to_change_alone(self):
        self.each_alone("change_")

    def test_each_permission_to_delete_alone(self):
        self.each_alone("delete_")

    def test_each_permission_of_another_name_alone(self):
        self.each_alone()

    def test_all_permissions_without_a_page_together(self):
        """More than each alone: what all of them do not give, none does."""
        labels = {(model._meta.app_label, model._meta.model_name) for model in admin.site._registry}
        held = [
            permission
            for permission in Permission.objects.select_related("content_type")
            if (permission.content_type.app_label, permission.content_type.model) not in labels
        ]
        assert len(held) > 50
        self.check("all-without-a-page", *held)

    def test_a_superuser_sees_no_secret_either(self):
        client = Client()
        enter_admin(client, self.root)
        for _label, url, _posts in self.pages:
            text = client.get(url).content.decode()
            assert SECRET not in text, url
            assert not any(code in text for code in self.codes), url
        for model in ("mfa/authenticator", "account/emailaddress", "usersessions/usersession"):
            assert client.get(f"/admin/{model}/").status_code == 404

    def test_what_a_learner_is_called_is_staff_s_to_correct(self):
        """Else the matrix above would hold because every page is closed."""
        staff = make_user(is_staff=True)
        staff.user_permissions.set(Permission.objects.filter(codename="change_user"))
        client = Client()
        enter_admin(client, staff)
        url = reverse("admin:accounts_user_change", args=[self.learner.pk])
        client.post(url, self.hostile)
        self.learner.refresh_from_db()
        assert self.learner.name == "Renamed"
        assert self.learner.email == "learner@example.org"
        for other in (self.root, staff):
            client.post(reverse("admin:accounts_user_change", args=[other.pk]), self.hostile)
            other.refresh_from_db()
            assert other.name == ""
            assert other.is_active


class AddressTests(TestCase):
    """A superuser moves an account to another address: both tables agree, the old address hears."""

    def setUp(self):
        self.root = make_user("root@example.org", is_staff=True, is_superuser=True)
        self.person = make_user("old@example.org", language="ko", time_zone="Asia/Seoul")
        self.person.emailaddress_set.create(email="old@example.org", verified=True, primary=True)
        enter_admin(self.client, self.root)

    def change(self, **fields):
        url = reverse("admin:accounts_user_change", args=[self.person.pk])
        data = {"name": "", "language": "ko", "time_zone": "Asia/Seoul", "is_active": "on"}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, {**data, "email": "old@example.org", **fields})

    def addresses(self):
        rows = EmailAddress.objects.filter(user=self.person)
        return list(rows.values_list("email", "primary", "verified"))

    def test_both_tables_say_the_same_and_the_old_address_is_told(self):
        assert self.change(email="New@Example.org").status_code == 302
        self.person.refresh_from_db()
        assert self.person.email == "new@example.org"
        assert self.addresses() == [("new@example.org", True, False)]
        assert [message.to for message in mail.outbox] == [["old@example.org"]]
        body = mail.outbox[0].body
        assert "new@example.org" in body
        assert re.search(r"20\d\d년", body), "the day, as it is written in Korean"

    def test_the_new_address_is_confirmed_before_anybody_gets_in_by_it(self):
        self.change(email="new@example.org")
        visitor = Client()
        reply = visitor.post(
            reverse("account_login"), {"login": "new@example.org", "password": "pw"}
        )
        assert "confirm-email" in reply["Location"]
        assert "_auth_user_id" not in visitor.session
        assert mail.outbox[-1].to == ["new@example.org"]

    def test_another_field_tells_nobody(self):
        self.change(name="Mina")
        assert mail.outbox == []
        assert self.addresses() == [("old@example.org", True, True)]

    def test_somebody_else_s_address_is_refused(self):
        other = make_user("other@example.org")
        other.emailaddress_set.create(email="second@example.org", verified=True)
        for taken in ("other@example.org", "OTHER@example.org", "second@example.org"):
            assert self.change(email=taken).status_code == 200
        assert self.addresses() == [("old@example.org", True, True)]
        assert mail.outbox == []
