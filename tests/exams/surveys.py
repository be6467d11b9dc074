"""Valid answers to the survey, the built-in bank as an index, and what every draw must hold to."""

import random
from collections import Counter
from functools import cache

from exams.sitting.assembly import BankIndex, Candidate, draw_rules
from exams.sitting.blueprint import BLUEPRINTS, Source, first_half, item_count, second_half
from exams.survey.rules import LEAST_IN_ALL, MINIMUMS, NO_EXERCISE, lists, too_few, topics_of
from materials.packs_reader import read_bank


@cache
def built_in():
    """The packs as published prompts would be indexed; keys stand for ids."""
    bank = read_bank()
    return BankIndex.of(
        Candidate(
            prompt=entry.key,
            revision=1,
            key=entry.key,
            topic=entry.topic,
            topic_kind=bank.topics[entry.topic].kind,
            item_type=entry.item_type,
            steps=entry.steps,
            set_key=entry.set_key or "",
            set_kind=bank.sets[entry.set_key].kind if entry.set_key else "",
            place=entry.place,
        )
        for entry in bank.prompts.values()
    )


def random_survey(seed):
    """A valid answer to part 4, anywhere between the least and everything."""
    rng = random.Random(seed)
    items = lists().items
    picked = {name: set(rng.sample(sorted(items[name]), MINIMUMS[name])) for name in items}
    if NO_EXERCISE in picked["sports"]:
        picked["sports"] = {NO_EXERCISE}
    rest = [(name, item) for name in items for item in items[name] if item not in picked[name]]
    rng.shuffle(rest)
    wanted = rng.randint(LEAST_IN_ALL, 30)
    for name, item in rest:
        if sum(map(len, picked.values())) >= wanted:
            break
        if name == "sports" and (item == NO_EXERCISE or NO_EXERCISE in picked["sports"]):
            continue
        picked[name].add(item)
    assert not too_few(picked)
    return picked


def draw_rules_of(picked, *, works=False, studies=False, previously_asked=()):
    opened = topics_of(picked, works=works, studies=studies)
    return draw_rules(
        opened, lists().identity, works=works, studies=studies, previously_asked=previously_asked
    )


def broken_rules(items, rules, first, second):
    """Which rules of B2 and B4 these items of a sitting `first-second` break: names, none if all
    hold.
    """
    broken = []
    blocks = [*first_half(first), *second_half(first, second)]
    numbers = [item.number for item in items]
    if numbers != list(range(1, item_count(first) + 1)):
        broken.append("numbers")
    if len({item.candidate.prompt for item in items}) != len(items):
        broken.append("an item twice")
    if {item.candidate.topic for item in items} & rules.closed:
        broken.append("a topic that is closed to them")
    groups = {}
    for item in items:
        groups.setdefault(item.block, []).append(item)
    if len(groups) != len(blocks):
        return [*broken, "blocks"]
    broken += [
        text
        for at, block in enumerate(blocks)
        for text in _broken_in_block(groups[at], block, rules)
    ]
    combos = [group[0].candidate for group in groups.values()]
    topics = [one.topic for one in combos if one.set_kind != "ROLE_PLAY"]
    if len(set(topics)) != len(topics):
        broken.append("two blocks on one topic")
    return broken + _broken_shares(items, first, second)


def _broken_in_block(group, block, rules):
    candidates = [item.candidate for item in group]
    source, fallback = group[0].source, group[0].fallback
    if len(candidates) != len(block.slots):
        yield "slots"
    if source is block.source:
        for types, one in zip(block.slots, candidates, strict=False):
            if one.item_type not in types:
                yield f"{one.item_type} where {types} belongs"
    if len({one.set_key or one.topic for one in candidates}) != 1:
        yield "a block on two topics"
    topic, kind = candidates[0].topic, candidates[0].topic_kind
    if source is Source.UNEXPECTED and (topic in rules.opened or kind != "unexpected"):
        yield "an unexpected topic that was to be expected"
    if not fallback:
        yield from _broken_strictly(candidates, source, block, rules)


def _broken_strictly(candidates, source, block, rules):
    """What holds unless the draw had to give way, and said so."""
    if source is Source.SURVEY and candidates[0].topic not in rules.opened:
        yield "a survey topic nobody picked"
    for one in candidates:
        if not any(one.steps[0] <= step <= one.steps[1] for step in block.steps):
            yield f"{one.key} does not fit steps {block.steps}"
        if one.prompt in rules.previously_asked:
            yield "an item of an earlier sitting"


def _broken_shares(items, first, second):
    """None or one unexpected combo at 1-2, one at 3-4, one or two at 5-6."""
    blocks = {item.block: item.source for item in items}
    count = Counter(blocks.values())[Source.UNEXPECTED]
    most = max({1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2}[step] for step in (first, second))
    least = 0 if second <= 2 and first <= 2 else 1
    if not least <= count <= most:
        return [f"{count} unexpected combos"]
    return []


def steps_written():
    """Every `a-b` that may be: one step down, the same, one up."""
    return [
        (first, second)
        for first in BLUEPRINTS
        for second in (first - 1, first, first + 1)
        if second in BLUEPRINTS
    ]
