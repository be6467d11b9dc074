"""Typed reading of the environment; a value that makes no sense stops the start.

Every setting is read here, by name and type. A value that cannot be read, or a name of ours that
nobody reads, raises `ConfigurationError`: one line that says what to do. `manage.py` prints that
line and stops.
"""

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from opic.lib.base64url import bytes_of

DATABASE_ENGINES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")
OUR_PREFIXES = ("OPIC_", "GEMINI_")


class ConfigurationError(ImproperlyConfigured):
    """The environment says something the product cannot run with. The text is one line."""


class Env:
    """Typed readers over a mapping of strings; remembers every name that was asked for.

    Each returns its default where the name is unset or blank, and raises ConfigurationError for a
    value it cannot read.
    """

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self._env = environ.Env()
        self._env.ENVIRON = dict(os.environ if values is None else values)
        self.asked: set[str] = set()

    def has(self, name: str) -> bool:
        """Return whether the name is set to more than blanks."""
        self.asked.add(name)
        return bool(self._env.ENVIRON.get(name, "").strip())

    def text(self, name: str, default: str = "") -> str:
        """Read a text without the blanks around it."""
        return str(self._env.ENVIRON[name]).strip() if self.has(name) else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read 1, true, yes or on, and 0, false, no or off."""
        if not self.has(name):
            return default
        value = self.text(name).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise ConfigurationError(f"{name} is {value!r}: write 1 or 0.")

    def number(self, name: str, default: float, *, least: float = 0, most: float = 1e12) -> float:
        """Read a number from `least` to `most`."""
        if not self.has(name):
            return default
        try:
            value = float(self.text(name))
        except ValueError:
            raise ConfigurationError(
                f"{name} is {self.text(name)!r}: write a number from {least:g} to {most:g}."
            ) from None
        if not least <= value <= most:
            raise ConfigurationError(f"{name} is {value:g}: it takes {least:g} to {most:g}.")
        return value

    def count(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        """Read a whole number from `least` to `most`."""
        value = self.number(name, default, least=least, most=most)
        if value != int(value):
            raise ConfigurationError(f"{name} is {value:g}: write a whole number.")
        return int(value)

    def key(self, name: str, *, size: int) -> str:
        """Read so many bytes in base64url, as `manage.py vapid_keys` prints them."""
        value = self.text(name)
        if value and len(bytes_of(value)) != size:
            raise ConfigurationError(f"{name} is not a key: `manage.py vapid_keys` makes a pair.")
        return value

    def keys(self, name: str, *, size: int, made_by: str) -> list[str]:
        """Read keys of so many bytes in base64url, with commas. No error repeats a key.

        `made_by` is the command that makes one.
        """
        values = [value.rstrip("=") for value in self.names(name)]
        for number, value in enumerate(values, start=1):
            if len(bytes_of(value)) != size:
                raise ConfigurationError(f"{name}: key {number} is not a key: {made_by} makes one.")
        if len(set(values)) != len(values):
            raise ConfigurationError(f"{name} names one key twice: leave one of them out.")
        return values

    def names(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """Read texts with commas between them; empty ones are left out."""
        if not self.has(name):
            return list(default)
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def counts(
        self, name: str, default: Iterable[int], *, least: int = 0, most: int = 10**9
    ) -> list[int]:
        """Read whole numbers with commas between them, each larger than the one before."""
        if not self.has(name):
            return list(default)
        error = ConfigurationError(
            f"{name} is {self.text(name)!r}: write rising whole numbers from {least} to {most},"
            " with commas between them."
        )
        try:
            numbers = [int(part) for part in self.names(name)]
        except ValueError:
            raise error from None
        if (
            not numbers
            or numbers != sorted(set(numbers))
            or numbers[0] < least
            or numbers[-1] > most
        ):
            raise error
        return numbers

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        """Read one of these choices."""
        value = self.text(name, default)
        if value not in choices:
            raise ConfigurationError(f"{name} is {value!r}: use one of {', '.join(choices)}.")
        return value

    def folder(self, name: str, default: Path) -> Path:
        """Read a path, made absolute, with `~` expanded."""
        return Path(self.text(name)).expanduser().resolve() if self.has(name) else default

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Read the URL of a PostgreSQL or SQLite database, as Django's settings of it."""
        error = ConfigurationError(
            f"{name} cannot be read: write postgres://user:password@host:5432/name"
            " or sqlite:///path."
        )
        try:
            # where the library only warns, the check below refuses
            with warnings.catch_warnings(action="ignore"):
                config = dict(self._env.db_url_config(self.text(name, default)))
        except (KeyError, ValueError, ImproperlyConfigured):
            raise error from None
        if config.get("ENGINE") not in DATABASE_ENGINES:
            raise error
        return config

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Read the URL of a mail server or folder, as Django's settings of it."""
        url = self.text(name, default)
        try:
            config = dict(self._env.email_url_config(url))
        except (KeyError, ValueError, ImproperlyConfigured):
            raise ConfigurationError(
                f"{name} cannot be read: write smtp+tls://user:password@host:587."
            ) from None
        if url.startswith("filemail:"):
            if not url.startswith("filemail:///"):
                raise ConfigurationError(f"{name}: write filemail:///path, with three slashes.")
            # the library drops the first slash: mails would go below the current folder
            config["EMAIL_FILE_PATH"] = "/" + str(config["EMAIL_FILE_PATH"]).lstrip("/")
        return config

    def refuse_unknown(self) -> None:
        """Raise ConfigurationError for names with our prefixes that no setting reads.

        They are typing mistakes.
        """
        ours = {name for name in self._env.ENVIRON if name.startswith(OUR_PREFIXES)}
        unknown = sorted(ours - self.asked)
        if unknown:
            raise ConfigurationError(
                f"{unknown[0]} is not a setting of this product:"
                " see docs/configuration.md or unset it."
            )
