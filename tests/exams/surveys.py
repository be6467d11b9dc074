"""Valid answers to the survey, the built-in bank as an index, and what every draw must hold to."""

import random
from collections import Counter
from functools import cache

from exams.sitting.assembly import BankIndex, Candidate, wish_for
from exams.sitting.blueprint import BLUEPRINTS, Source, first_half, item_count, second_half
from exams.survey.rules import LEAST_IN_ALL, MINIMUMS, NO_EXERCISE, faults, lists, topics_of
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
    known = lists().items
    picked = {name: set(rng.sample(sorted(known[name]), MINIMUMS[name])) for name in known}
    if NO_EXERCISE in picked["sports"]:
        picked["sports"] = {NO_EXERCISE}
    rest = [(name, item) for name in known for item in known[name] if item not in picked[name]]
    rng.shuffle(rest)
    wanted = rng.randint(LEAST_IN_ALL, 30)
    for name, item in rest:
        if sum(map(len, picked.values())) >= wanted:
            break
        if name == "sports" and (item == NO_EXERCISE or NO_EXERCISE in picked["sports"]):
            continue
        picked[name].add(item)
    assert not faults(picked)
    return picked


def wish_of(picked, *, works=False, studies=False, had=()):
    opened = topics_of(picked, works=works, studies=studies)
    return wish_for(opened, lists().identity, works=works, studies=studies, had=had)


def broken_rules(items, wish, first, second):
    """Which rules of B2 and B4 these items of a sitting `first-second` break: names, none if all
    hold.
    """
    found = []
    blocks = [*first_half(first), *second_half(first, second)]
    numbers = [item.number for item in items]
    if numbers != list(range(1, item_count(first) + 1)):
        found.append("numbers")
    if len({item.candidate.prompt for item in items}) != len(items):
        found.append("an item twice")
    if {item.candidate.topic for item in items} & wish.closed:
        found.append("a topic that is closed to them")
    groups = {}
    for item in items:
        groups.setdefault(item.block, []).append(item)
    if len(groups) != len(blocks):
        return [*found, "blocks"]
    found += [
        text for at, block in enumerate(blocks) for text in _block_faults(groups[at], block, wish)
    ]
    combos = [group[0].candidate for group in groups.values()]
    topics = [one.topic for one in combos if one.set_kind != "ROLE_PLAY"]
    if len(set(topics)) != len(topics):
        found.append("two blocks on one topic")
    return found + _share_faults(items, first, second)


def _block_faults(group, block, wish):
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
    if source is Source.UNEXPECTED and (topic in wish.opened or kind != "unexpected"):
        yield "an unexpected topic that was to be expected"
    if not fallback:
        yield from _strict_faults(candidates, source, block, wish)


def _strict_faults(candidates, source, block, wish):
    """What holds unless the draw had to give way, and said so."""
    if source is Source.SURVEY and candidates[0].topic not in wish.opened:
        yield "a survey topic nobody picked"
    for one in candidates:
        if not any(one.steps[0] <= step <= one.steps[1] for step in block.steps):
            yield f"{one.key} does not fit steps {block.steps}"
        if one.prompt in wish.had:
            yield "an item of an earlier sitting"


def _share_faults(items, first, second):
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
