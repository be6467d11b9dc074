"""Filters that come in a URL: what it says wrongly is left out, not an error."""

from typing import Any

from django import forms


class FilterForm(forms.Form):
    """A form of filters, read without trust."""

    def wanted(self) -> dict[str, Any]:
        """Return what was asked for, without what makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
