"""The installed app's server side: manifest, worker, the page for a tunnel, what a device keeps."""

import json
import re

from django.conf import settings
from django.templatetags.static import static
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from materials.models import Prompt, PromptRevision
from opic.context_processors import import_map
from scoring.models import Response
from tests.factories import make_clip, make_goal, make_measured, make_prompt, make_take, make_user


class AppTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user(name="Marker")
        cls.other = make_user()

    def client_of(self, person):
        client = Client()
        client.force_login(person)
        return client

    def test_the_manifest_is_whole_and_speaks_the_reader_s_language(self):
        for language, name in (("en", "OPIc Practice"), ("ko", "OPIc"), ("vi", "OPIc")):
            reply = self.client.get("/manifest.webmanifest", headers={"Accept-Language": language})
            assert reply["Content-Type"] == "application/manifest+json"
            manifest = json.loads(reply.content)
            assert name in manifest["name"]
            assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/", "/", "/")
            assert manifest["display"] == "standalone"
            assert {"any", "maskable", "monochrome"} == {
                one["purpose"] for one in manifest["icons"]
            }
            assert {one["form_factor"] for one in manifest["screenshots"]} == {"narrow", "wide"}
            assert len(manifest["shortcuts"]) >= 2

    def test_the_worker_is_of_the_whole_site_and_asked_for_anew_each_time(self):
        reply = self.client.get("/sw.js")
        assert reply["Content-Type"].startswith("text/javascript")
        assert reply["Service-Worker-Allowed"] == "/"
        assert reply["Cache-Control"] == "no-cache"
        text = reply.content.decode()
        shell = json.loads(re.search(r"shell: (\[.*?\])", text).group(1))
        assert any("js/offline" in name for name in shell)
        assert any("build/idb" in name for name in shell)
        assert all(name.startswith("/static/") for name in shell)
        assert text.count("importScripts(") >= 3

    def test_every_module_that_is_named_anywhere_is_in_the_map(self):
        named = {
            name
            for path in (settings.BASE_DIR / "static" / "js").rglob("*.js")
            for name in re.findall(r"[\"'`](opic/[\w/-]+|idb)[\"'`]", path.read_text())
        }
        assert {"opic/outbox/outbox-store", "idb"} <= named
        assert set(json.loads(import_map())["imports"]) == named

    def test_a_page_s_map_names_all_that_its_scripts_import_and_no_more(self):
        """From each script alone: what it names, and what those name in turn."""
        folder = settings.BASE_DIR / "static" / "js"

        def named_from(name):
            seen, waiting = set(), [name]
            while waiting:
                text = (folder / f"{waiting.pop()}.js").read_text()
                new = set(re.findall(r"[\"'`]opic/([\w/-]+)[\"'`]", text)) - seen
                seen |= new
                waiting += new
            return {f"opic/{name}" for name in seen}

        sizes = set()
        for path in folder.rglob("*.js"):
            name = path.relative_to(folder).with_suffix("").as_posix()
            mapped = json.loads(import_map(frozenset([static(f"js/{name}.js")])))["imports"]
            assert set(mapped) == {*named_from(name), "idb"}, name
            sizes.add(len(mapped))
        assert max(sizes) < len(json.loads(import_map())["imports"])

    def test_every_page_has_one_map_before_its_modules(self):
        client = self.client_of(self.person)
        for url in ("/", "/practice/", "/history/", "/accounts/settings/", "/privacy/"):
            page = client.get(url).content.decode()
            assert page.count('type="importmap"') == 1, url
            assert page.index('type="importmap"') < page.index('type="module"'), url
            nonce = re.search(r'type="importmap" nonce="([^"]+)"', page).group(1)
            assert len(nonce) > 10

    def test_the_offline_page_is_nobody_s(self):
        def page(client):
            text = client.get("/offline/").content.decode()
            return re.sub(r'nonce="[^"]*"', "", text)

        nobody = page(self.client)
        assert "Marker" not in nobody
        assert page(self.client_of(self.person)) == nobody == page(self.client_of(self.other))
        reply = self.client.get("/offline/")
        assert "microphone=(self)" in reply["Permissions-Policy"]
        assert not reply.cookies


class StoreTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user(name="Marker")
        make_goal(cls.person)
        for _ in range(14):
            prompt = make_prompt()
            PromptRevision.objects.filter(prompt=prompt).update(spare_clip=make_clip())

    def setUp(self):
        self.client.force_login(self.person)

    def store_payload(self):
        reply = self.client.get(reverse("offline-store"))
        assert "no-store" in reply["Cache-Control"]
        return reply.json()

    def test_ten_questions_and_what_the_recorder_needs(self):
        payload = self.store_payload()
        assert payload["user"] == str(self.person.pk)
        assert len(payload["prompts"]) == 10
        assert len({one["id"] for one in payload["prompts"]}) == 10
        first = payload["prompts"][0]
        assert first["player"]["src"].startswith("/materials/clips/")
        tickets = json.loads(first["recorder"]["tickets_json"])
        assert len({ticket["key"] for ticket in tickets}) == 2

    def test_the_first_is_the_one_that_home_offers(self):
        home = self.client.get("/").context["step"].prompt
        assert self.store_payload()["prompts"][0]["id"] == str(home.pk)

    def test_their_sound_stays_within_its_room(self):
        size = make_clip().size_bytes
        with override_settings(OPIC_OFFLINE_BYTES=3 * size):
            assert len(self.store_payload()["prompts"]) == 3
        with override_settings(OPIC_OFFLINE_PROMPTS=4):
            assert len(self.store_payload()["prompts"]) == 4

    def test_the_last_answers_with_and_without_their_sound(self):
        prompt = Prompt.objects.first()
        for _ in range(3):
            make_measured(self.person, prompt)
        make_measured(make_user(), prompt)
        Response.objects.update(audio_bytes=1000, settled_at=timezone.now())
        with override_settings(OPIC_OFFLINE_ANSWER_BYTES=2500):
            responses = self.store_payload()["answers"]
        assert len(responses) == Response.objects.spoken_by(self.person).count() == 3
        assert [bool(one["src"]) for one in responses] == [True, True, False]

    def test_without_consent_nothing_is_handed_out_to_answer(self):
        self.client.force_login(make_user(may_record=False))
        payload = self.store_payload()
        assert payload["prompts"] == []
        assert payload["may_record"] is False, "the device does not count this as whole"

    def test_with_consent_it_says_so(self):
        assert self.store_payload()["may_record"] is True

    def test_it_costs_the_same_for_few_answers_and_many(self):
        prompt = Prompt.objects.first()
        make_take(self.person, prompt)
        self.store_payload()
        with self.assertNumQueries(13):
            self.store_payload()
        for _ in range(6):
            make_take(self.person, prompt)
        with self.assertNumQueries(13):
            self.store_payload()

    def test_strangers_and_signed_out_people(self):
        assert Client().get(reverse("offline-store")).status_code == 302
        assert self.client.post(reverse("offline-store")).status_code == 405
