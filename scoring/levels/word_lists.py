"""Lists of words as the code writes them: in lines, with blanks between. Pure."""


def listed(*lines: str) -> frozenset[str]:
    """Return the words of these lines as a set."""
    return frozenset(word for line in lines for word in line.split())
