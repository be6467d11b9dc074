"""`{% icon "mic" %}` in any template: a drawing is made once, for a page has some fifteen."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """Draw `name` as in _icon.html; `size` "lg" for 24 px; KeyError without such a drawing."""
    markup = render_to_string("_icon.html", {"name": name, "size": size})
    if "<path" not in markup and "<rect" not in markup:
        raise KeyError(name)
    # our own template's, with no text of anybody in it
    return mark_safe(markup.strip())
