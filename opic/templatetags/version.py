"""`{% version %}` in any template: the release that runs. Needs no context."""

from django import template

from opic import __version__

register = template.Library()


@register.simple_tag
def version() -> str:
    """Return the release's number, as `0.3.0`."""
    return __version__
