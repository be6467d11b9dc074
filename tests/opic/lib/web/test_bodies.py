"""How much may be sent: every URL of the project refuses more before it reads a byte."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.test import Client, RequestFactory, TestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404

from opic.lib.web.bodies import UPLOADS, length_of
from tests.factories import make_user

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

BIG = 3 * 1024 * 1024
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
EXAMPLES = {"uuid": str(UUID(int=7)), "int": "1", "slug": "x", "str": "x", "path": "x"}
MULTIPART = "multipart/form-data; boundary=b"
FORM = "application/x-www-form-urlencoded"
DOORS = {
    "practice.views.prompts.take_create",
    "practice.views.guests.try_send",
    "exams.views.sitting_api.item_response",
    "exams.views.sitting_api.attempt_check",
}
HEAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
entered: list[str] = []


class Entered:
    """The last middleware: whoever comes by here is let in."""

    def __init__(self, get_response):
        if get_response is None:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "GET":
            entered.append(request.path)


class Body:
    """A body that counts what is read of it."""

    def __init__(self, size: int) -> None:
        self.left, self.taken = size, 0

    def read(self, size: int = -1) -> bytes:
        size = self.left if size is None or size < 0 else min(size, self.left)
        block = (HEAD if not self.taken else b"").ljust(size, b"x")[:size]
        self.left -= size
        self.taken += size
        return block

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


def patterns(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry


def path_of(route: str) -> str:
    """A path that this route takes."""
    # of a group in a regular expression: its first alternative where it lists words, else a letter
    path = re.sub(r"\(\?P<\w+>(\w+(?=[|)]))?[^)]*\)", lambda match: match[1] or "x", route)
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda match: EXAMPLES[match[1] or "str"], path)
    return "/" + re.sub(r"[\^$]|\\Z|\\", "", path)


def walk():
    """Every view of the project with one path that leads to it."""
    for route, entry in patterns(get_resolver()):
        path = path_of(route)
        yield path, resolve(path).func, entry.callback


def name_of(view) -> str:
    return f"{view.__module__}.{view.__qualname__}"


def test_the_walk_reaches_every_view():
    places = list(walk())
    assert len(places) > 120
    assert [path for path, reached, meant in places if reached is not meant] == []


def test_every_example_is_a_path():
    assert not [path for path, _reached, _meant in walk() if re.search(r"[<>()|?]", path)]


def test_who_takes_more_is_known():
    assert set(UPLOADS) == DOORS
    assert {UPLOADS[name] for name in DOORS} == {"OPIC_UPLOAD_BYTES", "OPIC_GUEST_BYTES"}
    marked = {name_of(view) for _path, view, _meant in walk() if hasattr(view, "upload_setting")}
    assert marked == DOORS


@override_settings(
    OPIC_UPLOAD_BYTES=LIMIT + 1000, MIDDLEWARE=[*settings.MIDDLEWARE, f"{__name__}.Entered"]
)
class WalkTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.root = make_user(is_staff=True, is_superuser=True)

    def setUp(self):
        entered.clear()
        self.signed_in = Client(enforce_csrf_checks=True)
        self.signed_in.force_login(self.root)
        self.folder = Path(settings.FILE_UPLOAD_TEMP_DIR)

    def send(self, client: Client, path: str, kind: str, *, is_chunked: bool = False):
        body = Body(BIG)
        environ = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""} if is_chunked else {}
        if kind == FORM or is_chunked or client is self.signed_in:
            # a bare status: a page for each would take long
            environ["HTTP_HX_REQUEST"] = "true"
        environ = {"wsgi.input": body, "CONTENT_LENGTH": str(BIG), **environ}
        reply = client.generic("POST", path, b"x", content_type=kind, **environ)
        return reply, body

    def clients(self):
        stranger = Client(enforce_csrf_checks=True)
        # with a cookie, the CSRF check reads the body to look for its token
        for client in (stranger, self.signed_in):
            client.get("/accounts/login/")
            client.cookies[settings.CSRF_COOKIE_NAME] = "t" * 32
        return stranger, self.signed_in

    def test_no_url_takes_in_a_body_that_is_too_large(self):
        for path, view, _meant in walk():
            is_door = name_of(view) in DOORS
            for client in self.clients():
                for kind in (MULTIPART, FORM):
                    for is_chunked in (False, True):
                        reply, body = self.send(client, path, kind, is_chunked=is_chunked)
                        what = (path, kind, is_chunked, reply.status_code)
                        assert list(self.folder.iterdir()) == [], what
                        assert body.taken == 0, what
                        if is_door and reply.status_code == 401:
                            # without a ticket nobody is told more
                            assert reply.json()["keep"] is True, what
                            continue
                        assert reply.status_code == (411 if is_chunked else 413), what
                        assert not is_door or reply.json()["keep"] is True, what
        doors = {path for path, view, _meant in walk() if name_of(view) in DOORS}
        # the two that a ticket opens judge by themselves
        assert len(set(entered)) <= len(doors) - 1
        assert set(entered) <= doors

    def test_who_is_signed_in_sends_the_microphone_check_up_to_its_limit(self):
        path = next(path for path, view, _m in walk() if view.__name__ == "attempt_check")
        environ = {"HTTP_X_CSRFTOKEN": "t" * 32}
        stranger, person = self.clients()
        for client, size, status in (
            (person, LIMIT + 1000, 404),  # let in: there is no such sitting
            (person, LIMIT + 1001, 413),
            (stranger, LIMIT + 1, 413),
            (stranger, LIMIT, 302),
        ):
            body = HEAD.ljust(size - len(TAIL), b"x") + TAIL
            reply = client.generic("POST", path, body, content_type=MULTIPART, **environ)
            assert reply.status_code == status, (size, reply.status_code)
        assert list(self.folder.iterdir()) == []

    def test_words_for_people_and_a_bare_status_for_scripts(self):
        stranger, _person = self.clients()
        page, _body = self.send(stranger, "/accounts/login/", MULTIPART)
        assert b"Too large" in page.content
        bare, _body = self.send(stranger, "/accounts/login/", FORM)
        assert (bare.status_code, bare.content) == (413, b"")

    def test_other_methods_are_judged_too(self):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = {"wsgi.input": Body(BIG), "CONTENT_LENGTH": str(BIG)}
            reply = Client().generic(method, "/accounts/login/", b"x", content_type=FORM, **body)
            assert reply.status_code == 413


@pytest.mark.parametrize(
    ("declared", "length"),
    [
        ("", 0),
        ("0", 0),
        ("17", 17),
        ("-1", None),
        ("+5", None),
        ("1_000", None),
        ("1e9", None),
        ("٣", None),
        ("²", None),
        (" 5", None),
    ],
)
def test_only_plain_digits_are_a_length(declared, length):
    assert length_of(RequestFactory().post("/", CONTENT_LENGTH=declared)) == length


def test_no_number_of_digits_hides_a_length():
    for declared in ("0" * 30 + "99999999", "9" * 5000, "1" + "0" * 40):
        length = length_of(RequestFactory().post("/", CONTENT_LENGTH=declared))
        assert length is None or length > BIG


def test_a_path_that_leads_nowhere_reads_nothing(client):
    with pytest.raises(Resolver404):
        resolve("/nothing-here/")
    body = Body(BIG)
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(BIG)}
    assert client.generic("POST", "/nothing-here/", b"x", **environ).status_code == 404
    assert body.taken == 0
