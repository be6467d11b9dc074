"""Words: of a text, and in lists as the code writes them, in lines with blanks between. Pure."""

import re

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation, apostrophes made straight."""
    return [match.group().casefold().replace("’", "'") for match in WORD.finditer(text)]


def listed(*lines: str) -> frozenset[str]:
    """Return the words of these lines as a set."""
    return frozenset(word for line in lines for word in line.split())
