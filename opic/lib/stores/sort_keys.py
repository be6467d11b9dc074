"""Columns that sort names the way a reader's language does, on any database.

A database sorts by code points or by a locale of its own, and SQLite knows no locale. So each name
has a key beside it, made when its row is saved: lower-case hexadecimal digits, which sort alike
everywhere. The order is that of the Unicode collation for English, Korean and Vietnamese: marks and
digits before letters; in Korean Hangul before Latin; in Vietnamese `ă`, `â`, `đ`, `ê`, `ô`, `ơ`,
`ư` are letters of their own, and tones matter only where all letters are the same.
"""

import unicodedata
from typing import Any

from django.db import models

LENGTH = 420  # of the key of a name of 80 letters
HANGUL = range(0xAC00, 0xD7A4)
_HANGUL_AT = 0x1000
_LETTERS_AT = {"ko": 0x8000}  # in all other languages before Hangul
_OTHERS_AT = 0xA000
# marks that make another letter of the Vietnamese alphabet, in its order
_LETTER_MARKS = {"\u0306": 1, "\u0302": 2, "\u031b": 3}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def sort_key(text: str, language: str) -> str:
    """Return the key that sorts a text in a language: `en`, `ko` or `vi`."""
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", text).casefold():
        weight, tone = _weights(letter, language)
        letters.append(f"{weight:04x}")
        tones.append(f"{tone:x}")
    # below every letter, so that a name comes before a longer one that begins with it
    return f"{''.join(letters)}0000{''.join(tones)}"[:LENGTH]


def _weights(letter: str, language: str) -> tuple[int, int]:
    """Return the weight of a letter, 1 to 0xffff, and that of its tone, 0 to 6."""
    if ord(letter) in HANGUL:
        return _HANGUL_AT + ord(letter) - HANGUL.start, 0
    base, *marks = list(unicodedata.normalize("NFD", letter))
    is_stroked = base == "đ"
    if is_stroked:
        base = "d"
    if not base.isascii():
        return min(_OTHERS_AT + ord(base), 0xFFFF), 0
    if not base.isalpha():
        return 1 + ord(base), 0
    own = sum(_LETTER_MARKS.get(mark, 0) for mark in marks) + is_stroked
    weight = 4 * ord(base) + (own if language == "vi" else 0)
    tone = sum(_TONES.get(mark, 6) for mark in marks if mark not in _LETTER_MARKS)
    return _LETTERS_AT.get(language, 0x0100) + weight, min(tone, 0xF)


class SortKeyField(models.CharField[str, str]):
    """The sort key of another column of the same row, `of`, in a language."""

    def __init__(self, *, of: str, language: str, **options: Any) -> None:
        self.of, self.language = of, language
        settled = {"max_length": LENGTH, "editable": False, "default": ""}
        super().__init__(**{**options, **settled})

    def deconstruct(self) -> Any:
        """Return what makes the same field again, for migrations."""
        name, path, args, options = super().deconstruct()
        settled = ("max_length", "editable", "default")
        own = {key: value for key, value in options.items() if key not in settled}
        return name, path, args, {**own, "of": self.of, "language": self.language}

    def pre_save(self, row: models.Model, add: bool) -> str:
        """Make the key anew of what is saved."""
        key = sort_key(str(getattr(row, self.of)), self.language)
        setattr(row, self.attname, key)
        return key
