"""The second half of docs/ears.md: `python -m tests.benchmarks.hearing` prints it, `--write` puts
it into the document; `--made` leaves out what was not heard before.

Forty graded texts read by all voices, in each condition, through the embedded ears; sounds without
a word; and correct texts in the sounds of Korean and Vietnamese. What was spoken or heard once is
read from the cache (tests/ears/places.py). Wants the tools of `make speakers`, and flite.
"""

import sys
from collections.abc import Callable, Iterator
from functools import reduce
from operator import add

from scoring.audio import codec, measures
from tests.benchmarks.lines import with_table
from tests.ears import absence, graded, honesty, judged, no_speech
from tests.ears.conditions import CONDITIONS, stored
from tests.ears.hearing import Heard, heard, was_heard
from tests.ears.readings import Reading, every_reading, forty_readings
from tests.ears.speaking import VOICES, speak
from tests.ears.word_errors import Errors, compare
from tests.product import BASE

DOCUMENT = BASE / "docs" / "ears.md"
NOTHING = Errors(0, 0)
SURE = 0.95  # as if every word had been heard clearly
ABSENCE_COLUMNS = ("in the texts", "not heard", "of these in the text")


def percent(errors: Errors) -> str:
    return f"{100 * errors.share:.1f} %" if errors.words else "-"


def summed(errors: Iterator[Errors]) -> Errors:
    return reduce(add, errors, NOTHING)


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def name_of(reading: Reading, condition: str) -> str:
    return f"{condition}/{reading.engine}/{reading.voice}/{reading.text}"


def hear_reading(reading: Reading, condition: str) -> Heard:
    def make() -> bytes:
        return CONDITIONS[condition](speak(reading.text, reading.engine, reading.voice))

    return heard(make, name_of(reading, condition))


def is_wanted(name: str) -> bool:
    return "--made" not in sys.argv or was_heard(name)


def word_errors() -> str:
    """Return the table of word errors by voice and condition, and CPU by condition."""
    heard_of = {
        (reading, condition): hear_reading(reading, condition)
        for condition in CONDITIONS
        for reading in forty_readings()
        # the same recordings in each condition, or the columns could not be compared
        if all(is_wanted(name_of(reading, state)) for state in CONDITIONS)
    }

    def cells(chosen: Callable[[Reading], bool]) -> list[str]:
        return [
            percent(
                summed(
                    compare(reading.text, of.transcript)
                    for (reading, state), of in heard_of.items()
                    if state == condition and chosen(reading)
                )
            )
            for condition in CONDITIONS
        ]

    def voice_row(engine: str, voice: str) -> str:
        used = {reading for reading, _state in heard_of}
        mine = [reading for reading in used if (reading.engine, reading.voice) == (engine, voice)]
        return row(engine, voice, len(mine), *cells(lambda reading: reading in mine))

    lines = [
        row("engine", "voice", "recordings", *CONDITIONS),
        row(*["---"] * (3 + len(CONDITIONS))),
        *(voice_row(engine, voice) for engine, names in VOICES.items() for voice in names),
        row("**all**", "", len(heard_of) // len(CONDITIONS), *cells(lambda _reading: True)),
        row("CPU seconds a minute", "", "", *(_cpu(heard_of, state) for state in CONDITIONS)),
    ]
    return "\n".join(lines)


def _cpu(heard_of: dict[tuple[Reading, str], Heard], condition: str) -> str:
    mine = [of for (_reading, state), of in heard_of.items() if state == condition]
    seconds = sum(of.seconds for of in mine)
    return f"{60 * sum(of.cpu_seconds for of in mine) / seconds:.1f}" if seconds else "-"


def without_words() -> str:
    """Return what is heard of sounds in which nobody speaks."""
    lines = [row("sound, 20 s", "taken for speech by the measures", "words"), row(*["---"] * 3)]
    for name, make in no_speech.SOUNDS.items():
        data = stored(no_speech.as_pcm(make()))
        is_heard = measures.measure(codec.decode(data)).is_heard
        of = heard(lambda data=data: data, f"no speech/{name}")  # type: ignore[misc]
        lines.append(row(name, "yes" if is_heard else "no", of.transcript or "none"))
    return "\n".join(lines)


def cases_by_way() -> dict[tuple[str, str], list[honesty.Case]]:
    """Return the wanted cases by accent and strength."""
    ways: dict[tuple[str, str], list[honesty.Case]] = {}
    for case in honesty.cases():
        cases = ways.setdefault((case.accent, case.strength), [])
        if is_wanted(honesty.recording_of(case)):
            cases.append(case)
    return ways


def in_other_sounds() -> str:
    """Return word errors of the correct texts by accent and strength."""
    lines = [
        row("sounds of", "places changed", "recordings", "word errors", "mean word probability"),
        row(*["---"] * 5),
    ]
    for (accent, strength), cases in cases_by_way().items():
        mine = [(case, honesty.hear_case(case)) for case in cases]
        errors = summed(compare(case.text.text, of.transcript) for case, of in mine)
        sure = [word[3] for _case, of in mine for word in of.words]
        lines.append(
            row(
                accent, strength, len(mine), percent(errors), f"{sum(sure) / max(len(sure), 1):.2f}"
            )
        )
    return "\n".join(lines)


def claims() -> str:
    """Return what the built-in judge says of the correct texts, and what of it is not so."""
    head = ("sounds of", "places changed", "recordings", "understood", "corrections")
    lines = [row(*head, "false time frames", "the same, all words sure"), row(*["---"] * 7)]
    for (accent, strength), cases in cases_by_way().items():
        files = [honesty.as_file(case) for case in cases]
        about = [judged.facts_about(file) for file in files]
        false = [
            [list(judged.false_claims(file, judged.facts_about(file, sure))) for file in files]
            for sure in (None, SURE)
        ]
        lines.append(
            row(
                accent,
                strength,
                len(files),
                sum(facts["is_understood"] for facts in about),
                sum(len(facts["corrections"]) for facts in about),
                *(sum(map(len, of)) for of in false),
            )
        )
    return "\n".join(lines)


def absences() -> str:
    """Return how often pages say that something was not heard which the spoken text has."""
    correct = [honesty.as_file(case) for cases in cases_by_way().values() for case in cases]
    texts = [graded.as_file(one) for one in every_reading() if is_wanted(graded.name_of(one))]
    groups = [absence.counts_of(correct), absence.counts_of(texts)]
    head = [f"{group}: {column}" for group in ("correct", "graded") for column in ABSENCE_COLUMNS]
    lines = [row("what the page says", *head), row(*["---"] * (1 + len(head)))]
    for sentence in groups[0]:
        counts = [group[sentence] for group in groups]
        cells = [number for one in counts for number in (one.had, one.reported, one.untrue)]
        lines.append(row(sentence, *cells))
    return "\n".join(lines)


SECTIONS = {
    "## Word errors by voice": word_errors,
    "## Sounds without words": without_words,
    "## Sounds of other languages": in_other_sounds,
    "## What the built-in judge claims of them": claims,
    "## What the built-in judge says it did not hear": absences,
}


def main() -> None:
    document = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    for title, make in SECTIONS.items():
        table = make()
        sys.stdout.write(f"{title}\n\n{table}\n\n")
        document = with_table(document, title, table)
    if "--write" in sys.argv:
        DOCUMENT.write_text(document)


if __name__ == "__main__":
    main()
