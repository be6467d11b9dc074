"""The admin holds our own pages: nothing that names functions, shows secrets or opens accounts."""

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse

from opic.admin_site import ALLOWED, OUR_PACKAGES
from tests.factories import enter_admin, make_user


def foreign_pages():
    for model, page in admin.site._registry.items():
        package = type(page).__module__.partition(".")[0]
        if package not in OUR_PACKAGES and model._meta.label not in ALLOWED:
            yield model._meta.label


def test_every_admin_page_is_ours_or_on_the_list():
    assert list(foreign_pages()) == []


def test_a_library_that_registers_itself_stops_the_start():
    admin.site.register(Session)
    try:
        messages = checks.run_checks()
        assert [message.id for message in messages if message.id == "opic.E020"] == ["opic.E020"]
        with pytest.raises(SystemCheckError, match=r"sessions\.Session"):
            call_command("check")
    finally:
        admin.site.unregister(Session)


FUNCTION = {"name": "x", "func": "os.system", "args": "'true'", "schedule_type": "O", "repeats": 1}


@pytest.mark.parametrize("is_superuser", [True, False])
def test_nobody_names_a_function_runs_a_task_again_or_opens_the_queue(db, is_superuser):
    from django.contrib.auth.models import Permission
    from django_q.models import OrmQ, Schedule, Task

    person = make_user(is_staff=True, is_superuser=is_superuser)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="django_q"))
    client = Client()
    enter_admin(client, person)
    before = [model.objects.count() for model in (OrmQ, Schedule, Task)]
    for name in ("schedule", "success", "failure", "ormq"):
        for path in ("", "add/", "1/change/", "1/delete/"):
            for reply in (
                client.get(f"/admin/django_q/{name}/{path}"),
                client.post(
                    f"/admin/django_q/{name}/{path}", {**FUNCTION, "action": "retry_failed"}
                ),
            ):
                assert reply.status_code == 404
    assert [model.objects.count() for model in (OrmQ, Schedule, Task)] == before


def test_no_form_of_the_admin_asks_for_a_function_or_a_pickle(rf, db):
    """A walk over the fields of every page, as a superuser gets them."""
    request = rf.get("/admin/")
    request.user = make_user(is_staff=True, is_superuser=True)
    for model, page in admin.site._registry.items():
        fields = {name for field in page.get_fields(request) for name in [field]}
        assert not fields & {"func", "hook", "args", "kwargs", "payload", "data"}, model
        assert model._meta.app_label not in {"django_q", "mfa", "account", "sessions", "webpush"}


def test_the_password_is_changed_where_a_notice_is_mailed(db, client):
    enter_admin(client, make_user(is_staff=True))
    reply = client.post(reverse("admin:password_change"), {"old_password": "pw"})
    assert reply["Location"] == reverse("account_change_password")
