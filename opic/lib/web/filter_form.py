"""Filters of a list, as a form in the page's address."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField


class FilterForm(forms.Form):
    """A form in the page's address; what is wrong there is left out, and no error."""

    def wanted(self) -> dict[str, Any]:
        """Return the fields that are filled in and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def printed(self) -> list[Any]:
        """Return all that its controls show, as text: the key of a cache.

        Templates cache the controls under it: to render some fifty choices costs as much as the
        rest of a page.
        """
        return [_printed(bound) for bound in self]


def _printed(bound: BoundField) -> tuple[Any, ...]:
    choices = getattr(bound.field, "choices", ())
    texts = [(str(value), str(label)) for value, label in choices]
    return bound.name, str(bound.label), str(bound.value()), bool(bound.errors), texts
