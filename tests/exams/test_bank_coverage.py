"""The built-in bank fills what an exam needs, for every step and any valid survey; and it does
not repeat itself.
"""

import random
import re
from collections import Counter, defaultdict

import pytest

from exams.sitting.blueprint import BLUEPRINTS, Source, item_count
from exams.survey.rules import MINIMUMS, NO_EXERCISE, lists, too_few, topics_of
from materials.packs_reader import read_bank
from opic.lib.levels import STEPS
from tests.exams.surveys import random_survey

BANK = read_bank()
KINDS = {topic.slug: topic.kind for topic in BANK.topics.values()}
BY_TOPIC = defaultdict(list)
BY_SET = defaultdict(list)
for _prompt in BANK.prompts.values():
    BY_TOPIC[_prompt.topic].append(_prompt)
    if _prompt.set_key:
        BY_SET[_prompt.set_key].append(_prompt)


def fits(prompt, types, step):
    low, high = prompt.steps
    return prompt.item_type in types and low <= step <= high


def fills(prompts, block, step):
    """Can every slot of a block get a prompt of its own from these?"""
    left = list(prompts)
    for types in block.slots:
        fitting = next((prompt for prompt in left if fits(prompt, types, step)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def candidates(block, opened):
    """The groups of prompts a block may be drawn from."""
    if block.source in (Source.ROLE_PLAY, Source.PAIR):
        kind = "ROLE_PLAY" if block.source is Source.ROLE_PLAY else "PAIR"
        return [BY_SET[combo.key] for combo in BANK.sets.values() if combo.kind == kind]
    alone = {
        slug: [prompt for prompt in prompts if not prompt.set_key]
        for slug, prompts in BY_TOPIC.items()
    }
    if block.source is Source.INTRO:
        return [alone["introduction"]]
    if block.source is Source.SURVEY:
        return [alone[slug] for slug in sorted(opened)]
    if block.source is Source.UNEXPECTED:
        return [
            prompts
            for slug, prompts in alone.items()
            if KINDS[slug] == "unexpected" and slug not in opened
        ]
    return list(alone.values())


def holes(step, opened):
    """Blocks of a step that the bank cannot fill with topics of their own."""
    missing = []
    needed = Counter(block.source for block in BLUEPRINTS[step])
    for block in BLUEPRINTS[step]:
        groups = [group for group in candidates(block, opened) if fills(group, block, step)]
        if len(groups) < needed[block.source]:
            missing.append((block.source, block.slots, len(groups)))
    return missing


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("seed", range(80))
def test_every_slot_can_be_filled_for_any_survey(step, seed):
    picked = random_survey(seed)
    rng = random.Random(-seed)
    opened = topics_of(picked, works=rng.random() < 0.5, studies=rng.random() < 0.5)
    assert holes(step, opened) == []


@pytest.mark.parametrize("step", STEPS)
def test_the_narrowest_survey_is_filled_too(step):
    assert holes(step, topics_of(narrowest_survey(), works=False, studies=False)) == []


def narrowest_survey():
    """Twelve picks that share as few topics as the lists allow."""
    pairs = [(name, item) for name, items in lists().items.items() for item in items]
    pairs = [(name, item) for name, item in pairs if item != NO_EXERCISE]
    sharing = Counter(lists().items[name][item] for name, item in pairs)
    pairs.sort(key=lambda pair: (-sharing[lists().items[pair[0]][pair[1]]], pair))
    picked = {name: {next(item for own, item in pairs if own == name)} for name in MINIMUMS}
    for name, item in pairs:
        if too_few(picked):
            picked[name].add(item)
    assert not too_few(picked)
    return picked


def test_every_survey_item_has_a_topic_with_enough_prompts():
    slugs = {slug for items in lists().items.values() for slug in items.values()}
    assert [len(lists().items[name]) for name in MINIMUMS] == [27, 14, 24, 5]
    assert len(slugs) >= 24
    for slug in {*slugs, "home", "work", "school"}:
        prompts = BY_TOPIC[slug]
        assert len(prompts) >= 6, slug
        assert len({prompt.item_type for prompt in prompts}) >= 4, slug
        for step in STEPS:
            assert any(prompt.steps[0] <= step <= prompt.steps[1] for prompt in prompts), slug


def test_the_bank_is_large_enough():
    types = Counter(prompt.item_type for prompt in BANK.prompts.values())
    kinds = Counter(combo.kind for combo in BANK.sets.values())
    unexpected = [slug for slug, kind in KINDS.items() if kind == "unexpected"]
    assert len(BANK.prompts) >= 340
    assert len([slug for slug in unexpected if len(BY_TOPIC[slug]) >= 6]) >= 16
    assert kinds["ROLE_PLAY"] >= 18
    assert kinds["PAIR"] >= 14
    assert types["ASK_AVA"] >= 12
    assert types["INTRO"] >= 6
    assert sum(1 for prompt in BANK.prompts.values() if prompt.sample) >= 100


LENGTHS = {1: (6, 30), 2: (6, 30), 3: (10, 60), 4: (10, 75), 5: (10, 80), 6: (10, 80)}


@pytest.mark.parametrize("step", STEPS)
def test_prompts_are_as_long_as_their_step_allows(step):
    for prompt in BANK.prompts.values():
        if prompt.steps[1] == step:
            low, high = LENGTHS[step]
            assert low <= len(prompt.text.split()) <= high, prompt.key


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def test_no_two_prompts_are_nearly_the_same():
    seen = []
    for prompt in BANK.prompts.values():
        words_here = words(prompt.text)
        grams = {tuple(words_here[at : at + 5]) for at in range(len(words_here) - 4)}
        seen.append((prompt.key, grams, set(words_here)))
    for place, (key, grams, words_here) in enumerate(seen):
        for other, other_grams, other_words in seen[:place]:
            if len(words_here & other_words) > 0.6 * len(words_here | other_words):
                raise AssertionError(f"{key} is nearly {other}")
            if len(grams & other_grams) > 0.3 * max(min(len(grams), len(other_grams)), 1):
                raise AssertionError(f"{key} shares its phrases with {other}")


def test_no_two_samples_are_nearly_the_same():
    samples = [
        (prompt.key, set(words(prompt.sample))) for prompt in BANK.prompts.values() if prompt.sample
    ]
    for place, (key, words_here) in enumerate(samples):
        for other, other_words in samples[:place]:
            assert len(words_here & other_words) < 0.5 * len(words_here | other_words), (key, other)


def test_nothing_in_the_bank_is_markup_or_unspeakable():
    for prompt in BANK.prompts.values():
        texts = [prompt.text, *prompt.points, *prompt.expressions, prompt.sample or ""]
        for text in texts:
            assert not re.search(r"[<>{}\[\]*_#\\]|https?:", text), (prompt.key, text)
            assert text == text.strip(), prompt.key


def test_items_count():
    assert [item_count(step) for step in STEPS] == [12, 12, 15, 15, 15, 15]
