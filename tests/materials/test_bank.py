"""Loading packs: repeatable, names its faults, touches no take."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from materials import bank, packs_reader, voicing
from materials.models import Prompt, PromptRevision, SampleResponse
from materials.packs_reader import read_bank
from materials.voice_adapters import get_voice
from opic.lib.levels import Level
from scoring.models import Response
from tests.factories import make_prompt, make_response, make_user
from tests.product import PACKS


def prompt_file(**change):
    """The small pack of the tests, with something changed."""
    data = json.loads((PACKS / "small.json").read_text())
    for path, value in change.items():
        entry = data["topics"][0]["prompts"][0]
        if value is None:
            entry.pop(path)
        else:
            entry[path] = value
    return data


@pytest.fixture
def folder(tmp_path):
    def write(data, name="small.json"):
        (tmp_path / name).write_text(json.dumps(data) if isinstance(data, dict) else data)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "TELL"}, "item type"),
        ({"steps": [0, 3]}, "steps"),
        ({"steps": [4, 3]}, "steps"),
        ({"steps": "1-3"}, "steps"),
        ({"text": "Too short."}, "fewer than 6"),
        ({"points": ["one"]}, "3 to 5 points"),
        ({"expressions": []}, "4 to 8 expressions"),
        ({"sample": {"level": "IH", "text": "short"}}, "100 to 180"),
        ({"key": "Not A Key"}, "lower-case"),
    ],
)
def test_a_fault_names_file_and_entry(folder, change, message):
    with pytest.raises(packs_reader.PackError) as caught:
        packs_reader.read_bank(folder(prompt_file(**change)))
    assert "small.json" in str(caught.value)
    assert message in str(caught.value)
    assert change.get("key", "introduction-all") in str(caught.value)


def test_the_built_in_bank_is_large_and_every_prompt_has_its_model():
    prompts = read_bank().prompts.values()
    assert len(prompts) >= 600
    assert [prompt.key for prompt in prompts if not prompt.sample] == []
    texts = [prompt.sample for prompt in prompts]
    assert len(set(texts)) == len(texts)
    # nothing above what the lowest step a prompt is asked at can show
    easy = [prompt for prompt in prompts if prompt.steps[1] <= 2]
    assert {prompt.sample_level for prompt in easy} == {Level.IL}


def test_broken_json_unknown_topics_and_doubles_are_named(folder):
    with pytest.raises(packs_reader.PackError, match=r"small\.json"):
        packs_reader.read_bank(folder("{"))
    data = prompt_file()
    data["topics"].append(data["topics"][0])
    with pytest.raises(packs_reader.PackError, match="introduction"):
        packs_reader.read_bank(folder(data))
    data = {"pack": "x", "topics": [], "sets": [], "extras": [{"topic": "none", "prompts": []}]}
    data["extras"][0]["prompts"] = [{**prompt_file()["topics"][0]["prompts"][0], "key": "none-a"}]
    with pytest.raises(packs_reader.PackError, match="none"):
        packs_reader.read_bank(folder(data))


def test_the_command_names_the_fault_and_changes_nothing(folder, db):
    with pytest.raises(CommandError, match="introduction-all"):
        call_command("load_prompts", folder=folder(prompt_file(points=[])), stdout=StringIO())
    assert not Prompt.objects.exists()


class LoadTests(TestCase):
    def load(self, data=None):
        return bank.load(packs_reader.read_bank(PACKS) if data is None else data)

    def test_twice_changes_nothing(self):
        first = self.load()
        again = self.load()
        assert (first.new, again.new, again.revised, again.retired) == (4, 0, 0, 0)
        assert PromptRevision.objects.count() == 4
        assert SampleResponse.objects.count() == 2

    def changed(self, tmp, **change):
        (tmp / "small.json").write_text(json.dumps(prompt_file(**change)))
        return packs_reader.read_bank(tmp)

    @pytest.fixture(autouse=True)
    def own_folder(self, tmp_path):
        self.tmp = tmp_path

    def test_a_changed_text_is_a_new_revision_and_takes_keep_theirs(self):
        self.load()
        prompt = Prompt.objects.get(key="introduction-all")
        response = make_response(make_user(), prompt)
        done = self.load(self.changed(self.tmp, text="Who are you, and what is your day like?"))
        assert done.revised == 1
        assert prompt.revisions.count() == 2
        response.refresh_from_db()
        assert response.revision.text.startswith("Let us begin")

    def test_changed_points_change_in_place(self):
        self.load()
        points = ["first thing", "second thing", "third thing"]
        done = self.load(self.changed(self.tmp, points=points))
        assert done.revised == 0
        assert PromptRevision.objects.get(prompt__key="introduction-all").points == points

    def test_what_left_the_packs_is_retired_and_own_prompts_stay(self):
        own = make_prompt("own-prompt")
        self.load()
        response = make_response(make_user(), Prompt.objects.get(key="parks-desc"))
        data = prompt_file()
        data["topics"].pop()
        (self.tmp / "small.json").write_text(json.dumps(data))
        done = self.load(packs_reader.read_bank(self.tmp))
        assert done.retired == 2
        own.refresh_from_db()
        assert own.retired_at is None
        assert Response.objects.filter(pk=response.pk).exists()

    def test_a_new_text_is_not_asked_with_the_old_voice(self):
        self.load()
        voice = get_voice("espeak")
        assert voicing.voice_all(voicing.missing(voice), voice) == []
        assert voicing.publish_built_in() == 4
        prompt = Prompt.objects.get(key="introduction-all")
        old = prompt.published
        self.load(self.changed(self.tmp, text="Who are you, and what is your day like?"))
        prompt.refresh_from_db()
        assert prompt.published == old
        new = prompt.latest
        assert not new.publish()
        voicing.voice_all(voicing.missing(voice), voice)
        assert voicing.publish_built_in() == 1
        prompt.refresh_from_db()
        assert prompt.published == new

    def test_the_command_loads_voices_and_publishes(self):
        out = StringIO()
        call_command("load_prompts", folder=PACKS, stdout=out)
        assert "4 new" in out.getvalue()
        assert Prompt.objects.published().count() == 4
        spoken = PromptRevision.objects.exclude(clip=None, spare_clip=None)
        assert spoken.count() == PromptRevision.objects.count() == 4
        call_command("voice_prompts", voice="espeak", missing=True, stdout=(out := StringIO()))
        assert "Nothing is missing" in out.getvalue()
