"""Strange values to every name of every address: no fault, nothing printed as it came.

A part of them by chance, always the same; all of them are sent in tests/soak/test_walks.py.
"""

import ast
import json
import random
import uuid
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from django.urls import reverse

from exams.models import AttemptItem
from scoring.uploads import tickets
from tests.factories import make_device, make_user
from tests.walks.cases import Field, anywhere
from tests.walks.names import all_names, names_in, names_in_module
from tests.walks.places import Place, one_of_each, values_for
from tests.walks.values import BODIES, CHARSETS, HEADERS, HOSTILE, IN_HEADERS, PLAIN
from tests.walks.walk import SEED, Walk
from tests.walks.walker import hostile

# a search: what it runs a thousand times, other tests run once and count
pytestmark = pytest.mark.no_cover

HX = {"HX-Request": "true"}
ODD_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
KINDS = ("application/json", "text/plain", "multipart/form-data; boundary=x", "a/b; charset=\xb2")


class HostileTests(Walk):
    # --- every name, wherever it is read ---

    def test_a_learner(self):
        assert self.send_some("owner", self.fields("owner", self.own), 400) == []

    def test_somebody_signed_out(self):
        assert self.send_some("signed out", self.fields("signed out", self.own), 100) == []

    def test_a_superuser_in_the_admin(self):
        some = random.Random(SEED).sample(self.admin_places, 25)
        assert self.send_some("root", self.fields("root", some), 120) == []

    def test_names_where_nobody_reads_them(self):
        problems = []
        for place, name, value in anywhere([*self.own, *self.admin_places], SEED, 80):
            fields = [(name, HOSTILE[value])] * 2
            problems += hostile(self.world.person("root"), "GET", place, fields=fields)
        assert problems == []

    def test_every_name_in_our_code_is_sent_somewhere(self):
        sent = {
            (field.method, field.name)
            for kind in ("owner", "signed out")
            for field in self.fields(kind, self.own)
        }
        sent |= {pair for place in self.admin_places for pair in names_in_module(place.module)}
        read = {(reader, name) for reader, name in all_names() if reader in {"GET", "POST"}}
        assert len(read) > 20
        assert read - sent == set()

    # --- what brought the product down once, each by itself ---

    def place(self, route: str) -> Place:
        return next(one for one in [*self.own, *self.admin_places] if one.route.startswith(route))

    def problems(self, method: str, route: str, name: str, value: str, **extra: Any) -> list[str]:
        person = self.world.person("root" if route.startswith("admin/") else "owner")
        fields = [(name, HOSTILE.get(value, quote(value, safe="")))]
        return hostile(person, method, self.place(route), fields=fields, **extra)

    def test_numbers_that_are_none(self):
        takes, advance = "practice/prompts/<uuid:prompt_id>/takes/", "exams/attempts/"
        for value in ("superscript two", "5,000 digits", "beyond a bigint", "fullwidth"):
            assert self.problems("GET", takes, "before", value, headers=HX) == []
            for place in self.own:
                if place.route.startswith(advance) and place.route.endswith("advance/"):
                    fields = [("number", HOSTILE[value])]
                    assert hostile(self.world.owner, "POST", place, fields=fields) == []

    def test_nul_in_a_key(self):
        for route in ("practice/", "history/", "practice/phrases/"):
            for name in ("after", "before", "topic"):
                assert self.problems("GET", route, name, "a key with nul") == []

    def test_keys_at_the_edge_of_the_calendar(self):
        edges = [name for name in PLAIN if "moment" in name or "key" in name]
        for route in ("history/", "practice/phrases/"):
            for value in edges:
                assert self.problems("GET", route, "before", value) == []

    def test_a_word_is_no_address_to_go_on_to(self):
        fields = [("next", "seven"), ("recording", "on")]
        place = self.place("accounts/consent/")
        assert hostile(self.world.owner, "POST", place, fields=fields) == []

    def test_an_exam_on_the_first_day_of_the_calendar(self):
        pages = ["/", "/history/", "/practice/", "/eve/", "/accounts/settings/"]
        for value in ("first day", "last day"):
            fields = [("part", "goal"), ("target", "6"), ("step", "4"), ("exam_on", HOSTILE[value])]
            place = self.place("accounts/settings/")
            assert hostile(self.world.owner, "POST", place, fields=fields, look_at=pages) == []

    def test_half_an_address_says_nothing_of_the_page(self):
        for place in self.own:
            if place.route == "responses/<uuid:response_id>/rating/":
                headers = {**HX, "HX-Current-URL": "http://["}
                assert hostile(self.world.owner, "GET", place, headers=headers) == []

    def test_the_short_cut_of_the_admin_leads_nowhere(self):
        for path in ("/admin/r/1/1/", "/admin/r/x/y/", "/admin/r/9999999999999999999/%C2%B2/"):
            reply = self.send("root", "GET", path)
            assert reply.status in {302, 404}, path

    def test_the_admin_shows_a_rating(self):
        place = self.place("admin/scoring/rating/<path:object_id>/change/")
        assert self.send("root", "GET", place.path).status == 200

    def test_choices_of_the_admin_that_do_not_exist(self):
        for value in ("first day", "superscript two", "beyond a bigint", "markup"):
            for model in ("materials/prompt", "accounts/user", "scoring/rating"):
                chosen = [("action", "delete_selected"), ("_selected_action", HOSTILE[value])]
                place = self.place(f"admin/{model}/")
                assert hostile(self.world.person("root"), "POST", place, fields=chosen) == []
            assert (
                self.problems("POST", "admin/materials/sampleresponse/add/", "prompt", value) == []
            )

    def test_filters_of_the_admin_that_nobody_offers(self):
        for name in (
            "email__regex",
            "id__gt",
            "date_joined__year",
            "id__in",
            "o",
            "p",
            "e",
            "_to_field",
        ):
            for value in (
                "a regular expression",
                "5,000 digits",
                "beyond a bigint",
                "empty",
                "nul",
            ):
                assert self.problems("GET", "admin/accounts/user/", name, value) == []

    # --- what is no field: methods, paths, headers and bodies ---

    def test_odd_methods(self):
        chance, problems = random.Random(SEED), []
        for place in chance.sample([*self.own, *self.admin_places], 50):
            for method in ODD_METHODS:
                value = chance.choice(list(HOSTILE))
                problems += hostile(
                    self.world.person("root"), method, place, fields=[("next", HOSTILE[value])]
                )
        assert problems == []

    def test_ids_that_are_none(self):
        chance, problems = random.Random(SEED), []
        for place in one_of_each([*self.own, *self.admin_places], chance):
            for name in place.slots:
                for value in chance.sample(sorted(HOSTILE), 1 if place.is_admin else 2):
                    path = place.path.replace(str(place.slots[name]), HOSTILE[value])
                    for method in ("GET", "POST"):
                        person = self.world.person("root")
                        problems += hostile(person, method, place, path=path, note=value)
        assert problems == []

    def test_headers(self):
        chance, problems = random.Random(SEED), []
        values = {name: unquote_to_bytes(raw).decode("latin-1") for name, raw in HOSTILE.items()}
        odd = {name: text.encode().decode("latin-1") for name, text in IN_HEADERS.items()}
        # what no server lets in is left out
        texts = {n: text for n, text in values.items() if not set("\r\n\x00") & set(text)}
        for name in HEADERS:
            for value, text in [*chance.sample(sorted(texts.items()), 8), *sorted(odd.items())]:
                place, person = chance.choice(self.own), chance.choice(["owner", "signed out"])
                extra = (
                    {"headers": {**HX, name: text}}
                    if name != "Content-Length"
                    else {"CONTENT_LENGTH": text}
                )
                method = chance.choice(["GET", "POST"])
                problems += hostile(self.world.person(person), method, place, note=value, **extra)
        assert problems == []

    def test_bodies(self):
        chance, problems = random.Random(SEED), []
        for place in one_of_each(self.own, chance):
            for value in chance.sample(sorted(BODIES), 2):
                problems += hostile(
                    self.world.owner,
                    "POST",
                    place,
                    body=BODIES[value],
                    content_type=chance.choice(KINDS),
                    note=value,
                )
        assert problems == []

    # --- whoever holds a ticket may send whatever they like as the list of parts ---

    def doors(self) -> list[tuple[str, str]]:
        """Both upload views, each with a ticket."""
        owner = self.world.owner.user
        device = str(make_device(owner).pk)
        take = next(p.path for p in self.own if p.route.endswith("revisions/<int:number>/takes/"))
        paths = {place.path for place in self.own if place.route.endswith("/answer/")}
        unanswered = AttemptItem.objects.filter(attempt__candidate=owner, response=None, number=1)
        urls = {
            reverse("exams:item-answer", args=[item.attempt_id, 1]): item for item in unanswered
        }
        path = sorted(paths & urls.keys())[0]
        return [
            (url, tickets.issue(owner, device, url, key)["token"])
            for url, key in ((take, None), (path, str(urls[path].upload_key)))
        ]

    def manifests(self) -> list[bytes]:
        right = {
            "v": 1,
            "key": str(uuid.uuid4()),
            "recorded_at": "2026-11-20T10:00:00Z",
            "time_zone": "Asia/Seoul",
            "segments": [{"sizes": [3], "sha256": ""}],
        }
        odd: list[Any] = [
            *PLAIN.values(),
            None,
            [],
            {},
            [[]],
            1e308,
            10**400,
            True,
            "\ud800",
            "\x00",
        ]
        values = [{**right, name: value} for name in right for value in odd]
        values += [{**right, "segments": [{"sizes": value, "sha256": value}]} for value in odd]
        values += [{**right, "segments": [{"sizes": [value]}]} for value in odd]
        return [json.dumps(value).encode() for value in values] + list(BODIES.values())

    def test_manifests(self):
        chance, problems = random.Random(SEED), []
        for path, token in self.doors():
            place = next(one for one in self.own if one.path == path)
            for manifest in chance.sample(self.manifests(), 60):
                body = (
                    b'--x\r\nContent-Disposition: form-data; name="manifest"\r\n\r\n'
                    + manifest
                    + b'\r\n--x\r\nContent-Disposition: form-data; name="chunk-0-0"; '
                    + b'filename="a\x00b"\r\n\r\nabc\r\n--x--\r\n'
                )
                problems += hostile(
                    self.world.owner,
                    "POST",
                    place,
                    path=path,
                    body=body,
                    content_type="multipart/form-data; boundary=x",
                    headers={"X-Upload-Token": token},
                    note=manifest[:80],
                )
        assert problems == []

    # --- the walk itself: new addresses and new names are found, and their faults ---

    def problems_at(self, word: str) -> tuple[list[Field], list[str]]:
        fields = self.fields("owner", self.planted(word))
        return fields, self.send_all("owner", fields)

    def test_a_view_that_trusts_a_number_is_found(self):
        fields, problems = self.problems_at("trusting")
        assert "planted" in {field.name for field in fields}
        assert any("ValueError" in problem for problem in problems)

    def test_a_name_behind_another_is_found_in_the_code(self):
        fields, problems = self.problems_at("hiding")
        assert ("POST", "hidden") in {(field.method, field.name) for field in fields}
        assert any("printed as it came" in problem for problem in problems)


@pytest.mark.parametrize(
    "code",
    [
        'request.GET.get("planted")',
        'self.request.GET["planted"]',
        'request.GET.getlist("planted")',
        '"planted" in request.GET',
        'request.GET.pop("planted", None)',
        'read(request.GET.get("planted", ""))',
    ],
)
def test_a_name_is_seen_however_it_is_read(code):
    assert ("GET", "planted") in names_in(ast.parse(code))


def test_each_class_of_value_is_another():
    assert len(set(HOSTILE.values())) == len(HOSTILE) > 60
    assert len(CHARSETS) == len(set(CHARSETS))


def test_a_new_kind_of_id_has_to_be_told(db):
    with pytest.raises(AssertionError, match=r"say in tests/walks/places\.py"):
        values_for("unheard_of", "somewhere/<uuid:unheard_of>/", make_user())
