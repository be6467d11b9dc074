"""Questions asked, by word order and question words, never by a question mark. Pure."""

from scoring.raters.builtin.lexicon import words_of
from scoring.raters.builtin.speech import Fact, Speech

LONGEST = 9  # words of a question that are quoted
_INDIRECT = (
    ("i", "want", "to", "know"),
    ("i'd", "like", "to", "know"),
    ("i", "would", "like", "to", "know"),
    ("i", "wanted", "to", "know"),
    ("i", "wonder"),
    ("i", "was", "wondering"),
    ("i'm", "wondering"),
    ("let", "me", "know"),
    ("tell", "me"),
)
_SUGGESTING = (("how", "about"), ("what", "about"))


def questions_in(speech: Speech) -> list[Fact]:
    """Return the questions that were surely asked, in their order."""
    starts = [at for at, size in _starts(speech) if speech.is_sure_bare(at, at + size)]
    return [
        speech.quote_bare(at, _end_of(speech, at, after))
        for at, after in zip(starts, [*starts[1:], len(speech.cores)], strict=False)
    ]


def may_ask(speech: Speech) -> int:
    """Return how many questions may have been asked, counting whatever looks like one."""
    pairs = zip(speech.cores, speech.cores[1:], strict=False)
    inverted = sum(
        one in words_of("question_aux") and two in words_of("question_subject")
        for one, two in pairs
    )
    return inverted + sum(core in words_of("wh") for core in speech.cores)


def _starts(speech: Speech) -> list[tuple[int, int]]:
    """Return where a question begins and the number of words that show it."""
    starts, at = [], 0
    while at < len(speech.cores):
        size = _indirect_size(speech, at) or _wh_size(speech, at) or _inverted_size(speech, at)
        if size:
            starts.append((at, size))
        at += size or 1
    return starts


def _end_of(speech: Speech, at: int, after: int) -> int:
    last = min(at + LONGEST, after, len(speech.cores))
    return min([stop for stop in speech.stops_at if at < stop < last], default=last)


def _begins(speech: Speech, at: int) -> bool:
    """Return whether a sentence may well begin here."""
    return at == 0 or at in speech.stops_at or speech.cores[at - 1] in words_of("opener")


def _indirect_size(speech: Speech, at: int) -> int:
    for phrase in _INDIRECT:
        last = at + len(phrase)
        if speech.cores[at:last] != phrase:
            continue
        after = speech.cores[last] if last < len(speech.cores) else ""
        before = speech.cores[at - 1] if at else ""
        is_open = after in words_of("wh") or after in ("if", "about", "whether", "more")
        if is_open and before not in ("to", "they", "he", "she", "you", "don't", "that"):
            return len(phrase) + 1
    return 0


def _wh_size(speech: Speech, at: int) -> int:
    """Return the words up to the subject of a question with a question word; 0 for none."""
    cores = speech.cores
    if cores[at] not in words_of("wh") or not _may_be_asked(speech, at):
        return 0
    if cores[at : at + 2] in _SUGGESTING:
        return 2 if _begins(speech, at) and at + 2 < len(cores) else 0
    aux = at + 1
    if cores[at] in ("how", "what", "which") and aux < len(cores):
        while aux < min(at + 4, len(cores)) and _is_head(cores, at, aux):
            aux += 1
    if aux + 1 >= len(cores) or cores[aux] not in words_of("question_aux"):
        return 0
    subject = cores[aux + 1]
    is_clear = subject in words_of("clear_subject")
    if cores[aux] in words_of("be_asked") and aux == at + 1:
        wanted = subject in words_of("question_subject") and cores[at] not in ("who", "which")
        return aux + 2 - at if wanted and _begins(speech, at) else 0
    is_full = is_clear or (subject in words_of("question_subject") and _begins(speech, at))
    return aux + 2 - at if is_full else 0


def _is_head(cores: tuple[str, ...], at: int, place: int) -> bool:
    """Return whether a word belongs to the question word: how *much money*, what *kind of* ..."""
    core = cores[place]
    if core in words_of("question_aux") | words_of("clear_subject") | words_of("determiner"):
        return False
    heads = words_of("quantity_head") if cores[at] == "how" else words_of("what_head")
    return core in heads if place == at + 1 and cores[at] != "which" else True


def _may_be_asked(speech: Speech, at: int) -> bool:
    """Return whether a question word is not a part of somebody's sentence."""
    before = speech.cores[at - 1] if at and at not in speech.stops_at else ""
    return before not in words_of("preposition") - {"for", "from", "at"} | {"know", "that's", "is"}


def _inverted_size(speech: Speech, at: int) -> int:
    """Return the words of an inverted beginning, "do you", "is there"; 0 for none."""
    cores = speech.cores
    if cores[at] not in words_of("question_aux") or at + 1 >= len(cores):
        return 0
    before = cores[at - 1] if at and at not in speech.stops_at else ""
    later = cores[at + 2] if at + 2 < len(cores) else ""
    if before in words_of("no_question_behind") or not later or at + 1 in speech.stops_at:
        return 0
    # "can you believe", "do you know what I mean" ask nothing; "do you know how much" does
    is_rhetorical = cores[at + 1] == "you" and later in words_of("rhetorical")
    if is_rhetorical and (later != "know" or cores[at + 3 : at + 4] == ("what",)):
        return 0
    is_address = cores[at + 1] in ("you", "i") and cores[at] not in ("is", "was", "were", "has")
    if is_address or _begins(speech, at):
        return 2 if cores[at + 1] in words_of("question_subject") else 0
    return 0
