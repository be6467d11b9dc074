"""Hand-made sittings with what they should come to, worked out on paper from exam facts C5.

A sitting is written as its steps, what every item is unless said otherwise, and the exceptions.
Two letters are an item's judgements at Intermediate and Advanced standard on all five criteria (M
met, P partly, N not); where an item does not probe Advanced the second letter is not used. S is
skipped, T left out for technical reasons. `but` changes one criterion of every answered item.

Sums, where they are close: mI and mA leave out the lowest of six or more values; then of 15 items
14 count, of nine probes eight. No single easy item may cost more than one sublevel.
"""

from dataclasses import dataclass, field

HIGH = "INTRO DESC ROUT MEM DESC CHG MEM DESC PAST MEM RP_ASK RP_SOLVE RP_EXP CMP ISSUE"
MIDDLE = "INTRO DESC ROUT PAST DESC ROUT PAST DESC ROUT PAST RP_ASK RP_SOLVE RP_EXP DESC ASK_AVA"
EASY = "INTRO DESC ROUT DET DESC ROUT DET DESC ROUT DET RP_ASK ASK_AVA"
TYPES = {
    "5-5": HIGH,
    "6-6": HIGH,
    "3-3": MIDDLE,
    "4-4": MIDDLE,
    "3-4": MIDDLE,
    "3-2": MIDDLE,
    "1-1": EASY,
    "2-2": EASY,
    "1-2": EASY,
    "2-3": "INTRO DESC ROUT DET DESC ROUT DET DESC ROUT PAST RP_ASK RP_SOLVE",
    "5-4": ("INTRO DESC ROUT MEM DESC CHG MEM DESC ROUT MEM RP_ASK RP_SOLVE RP_EXP DESC ASK_AVA"),
}


@dataclass(frozen=True)
class Sitting:
    name: str
    steps: str
    default: str
    items: dict[int, str]
    level: str | None
    floor: str | None
    ceiling: str | None
    reason: str  # what keeps it below the next level
    but: dict[str, str] = field(default_factory=dict)


def _of(name, steps, default, items, level, floor, ceiling, reason, **but):
    """`items`: `4:MN 10:MN`, or `4,10:MN`."""
    codes = {}
    for part in items.split():
        numbers, code = part.split(":")
        codes |= {int(number): code for number in numbers.split(",")}
    return Sitting(name, steps, default, codes, level, floor, ceiling, reason, but)


N, MID, A = "novice", "intermediate", "advanced"
ABOVE = "not_tested"

SITTINGS = [
    # step 5: nine probes (4 6 7 9 10 12 13 14 15), six easy items
    _of("everything at Advanced", "5-5", "MM", "", "AL", A, ABOVE, ""),
    _of("one story slips", "5-5", "MM", "4:MN", "AL", A, ABOVE, ""),
    # mA 7/8 = .875
    _of("two stories slip", "5-5", "MM", "4,10:MN", "IH", MID, A, "advanced"),
    # a function that one item asks for alone is not named
    _of("the problem is not solved", "5-5", "MM", "12:MN", "IH", MID, A, "not_tested"),
    _of("the problem is half solved", "5-5", "MM", "12:MP", "IH", MID, A, "not_tested"),
    _of("the issue stays half explained", "5-5", "MM", "15:MP", "IH", MID, A, "not_tested"),
    # comparison has two items: (1 + .5) / 2 = .75
    _of("one of two comparisons is half done", "5-5", "MM", "14:MP", "AL", A, ABOVE, ""),
    _of("Advanced everywhere in part", "5-5", "MP", "", "IM3", MID, A, "advanced"),
    _of("Intermediate everywhere, Advanced nowhere", "5-5", "MN", "", "IM2", MID, A, "advanced"),
    # mA 6/8 = .75
    _of("two thirds of the probes", "5-5", "MN", "4,6,7,9,10,12:MM", "IH", MID, A, "advanced"),
    # 5/8 = .625
    _of("five of nine probes", "5-5", "MN", "4,6,7,9,10:MM", "IH", MID, A, "advanced"),
    # 4/8 = .5
    _of("four of nine probes", "5-5", "MN", "4,6,7,9:MM", "IM3", MID, A, "advanced"),
    # 3/8 = .375
    _of("three of nine probes", "5-5", "MN", "4,6,7:MM", "IM3", MID, A, "advanced"),
    # 2/8 = .25
    _of("two of nine probes", "5-5", "MN", "4,6:MM", "IM2", MID, A, "advanced"),
    # (2 + 6 * .5) / 8 = .625
    _of("half everywhere, two whole", "5-5", "MP", "4,6:MM", "IH", MID, A, "advanced"),
    _of("one easy item skipped", "5-5", "MM", "2:S", "AL", A, ABOVE, ""),
    # mI 13/14 = .929
    _of("two easy items skipped", "5-5", "MM", "2,8:S", "AL", A, ABOVE, ""),
    # mI 12/14 = .857 would be IM3; one skipped item less is AL, and one item costs one sublevel
    _of("three easy items skipped", "5-5", "MM", "2,3,8:S", "IH", MID, A, "intermediate"),
    # two less are AL again, minus two
    _of("four easy items skipped", "5-5", "MM", "2,3,5,8:S", "IM3", MID, A, "intermediate"),
    # mI 6/14 = .43
    _of(
        "every probe skipped",
        "5-5",
        "MM",
        "4,6,7,9,10,12,13,14,15:S",
        "NH",
        N,
        MID,
        "intermediate",
    ),
    _of("Intermediate everywhere in part", "5-5", "PN", "", "NH", N, MID, "intermediate"),
    # (3 + 11 * .5) / 14 = .607
    _of("in part, three answers whole", "5-5", "PN", "1,2,3:MN", "IL", MID, A, "intermediate"),
    # (8 + 6 * .5) / 14 = .786
    _of(
        "seven answers only in part",
        "5-5",
        "MN",
        "4,6,7,9,10,12,13:PN",
        "IM1",
        MID,
        A,
        "intermediate",
    ),
    # (10 + 4 * .5) / 14 = .857, and no Advanced
    _of("five answers only in part", "5-5", "MN", "4,6,7,9,10:PN", "IM2", MID, A, "advanced"),
    _of("single words", "5-5", "NN", "", "NL", N, MID, "intermediate"),
    # 3 * .5 / 14 = .107
    _of("three phrases", "5-5", "NN", "1,2,5:PN", "NM", N, MID, "intermediate"),
    # 5/14 = .357
    _of("five easy answers whole", "5-5", "NN", "1,2,3,5,8:MN", "NH", N, MID, "intermediate"),
    _of(
        "grammar holds Advanced back",
        "5-5",
        "MM",
        "",
        "IM3",
        MID,
        A,
        "advanced:language_control",
        language_control="MP",
    ),
    _of(
        "hard to follow, however rich",
        "5-5",
        "MM",
        "",
        "NH",
        N,
        MID,
        "intermediate:comprehensibility",
        comprehensibility="PN",
    ),
    _of("never a paragraph", "5-5", "MM", "", "IM2", MID, A, "advanced:text_type", text_type="MN"),
    _of("three answers lost on the way", "5-5", "MM", "4,9,13:T", "AL", A, ABOVE, ""),
    _of("one probe lost, two slip", "5-5", "MM", "4:T 9,10:MN", "IH", MID, A, "advanced"),
    _of("step 6, everything", "6-6", "MM", "", "AL", A, ABOVE, ""),
    _of("nothing said at all", "5-5", "S", "", "NL", N, MID, "not_tested"),
    _of("nothing could be read", "5-5", "T", "", None, None, None, "technical"),
    # steps 3 and 4: five probes (4 7 10 12 13), too few to leave one out
    _of("everything, but at step 3", "3-3", "MM", "", "IH", MID, A, "cap"),
    _of("everything, but at step 4", "4-4", "MM", "", "IH", MID, A, "cap"),
    _of("the higher of 3-4 caps", "3-4", "MM", "", "IH", MID, A, "cap"),
    _of("four of five probes", "4-4", "MM", "13:MN", "IH", MID, A, "cap"),
    _of("three of five probes", "4-4", "MN", "4,7,10:MM", "IH", MID, A, "cap"),
    _of("two of five probes", "4-4", "MN", "4,7:MM", "IM3", MID, A, "advanced"),
    _of("one of five probes", "4-4", "MN", "4:MM", "IM2", MID, A, "advanced"),
    _of("half of each probe", "4-4", "MP", "", "IM3", MID, A, "advanced"),
    _of("3-2 keeps the cap of 3", "3-2", "MM", "", "IH", MID, A, "cap"),
    # steps 1 and 2: no probes
    _of("step 1, everything", "1-1", "MM", "", "IL", MID, A, "cap"),
    _of("step 2, in part", "2-2", "PN", "", "NH", N, MID, "intermediate"),
    # (6 + 5 * .5) / 11 = .773, capped
    _of("step 2, half of it whole", "2-2", "MN", "7,8,9,10,11,12:PN", "IL", MID, A, "cap"),
    # 5/11 = .4545
    _of("step 1-2, five of twelve", "1-2", "NN", "1,2,3,4,5:MN", "NH", N, MID, "intermediate"),
    # crossings
    _of("2-3, everything", "2-3", "MM", "", "IH", MID, A, "cap"),
    _of("2-3, both probes fail", "2-3", "MM", "10,12:MN", "IM2", MID, A, "advanced"),
    _of("5-4 keeps the cap of 5", "5-4", "MM", "", "AL", A, ABOVE, ""),
    # six probes, five count: 4/5 = .8
    _of("5-4, two stories slip", "5-4", "MM", "4,10:MN", "IH", MID, A, "advanced"),
]
