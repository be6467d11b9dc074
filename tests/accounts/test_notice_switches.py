"""The settings page offers a switch for each kind of notice that is sent, and no other."""

import ast
import re
from collections.abc import Iterator

from django.conf import settings
from django.test import TestCase, override_settings

from accounts.models import Notice, NoticeSettings
from tests.accounts.push.cases import PUSHING
from tests.factories import make_user

APPS = ("accounts", "scoring", "practice", "exams", "opic")


def kinds_sent() -> set[str]:
    """Return the kinds that our code makes a notice of: handed to `Notice` or to `notify`."""
    return {Notice.Kind[name].value for app in APPS for name in _named_in(app)}


def _named_in(app: str) -> Iterator[str]:
    for path in (settings.BASE_DIR / app).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and _makes_notices(call.func):
                given = [*call.args, *(word.value for word in call.keywords)]
                yield from (one.attr for one in given if _is_kind(one))


def _makes_notices(function: ast.expr) -> bool:
    return ast.unparse(function).rpartition(".")[2] in {"Notice", "notify"}


def _is_kind(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("Kind")


@override_settings(**PUSHING)
class SwitchTests(TestCase):
    def setUp(self):
        self.person = make_user()
        self.client.force_login(self.person)

    def test_every_kind_that_is_sent_has_a_switch_and_no_other(self):
        page = self.client.get("/accounts/settings/").content.decode()
        switches = set(re.findall(r'name="push_(\w+)"', page))
        assert switches == kinds_sent()
        assert switches >= {"reminder", "result"}

    def test_what_is_stored_for_a_kind_without_a_switch_stays(self):
        NoticeSettings.objects.create(person=self.person, push_reply=False, push_review=True)
        sent = {"part": "notices", "reminder_hour": "7", "quiet_from": "5", "quiet_to": "6"}
        reply = self.client.post("/accounts/settings/", {**sent, "push_reply": "on"})
        assert reply.status_code == 302
        chosen = NoticeSettings.objects.get()
        assert (chosen.push_result, chosen.quiet_from) == (False, 5)
        assert (chosen.push_reply, chosen.push_review) == (False, True)
