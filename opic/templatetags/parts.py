"""`{% part "name" key %} ... {% endpart %}`: a part of a page, rendered once for all it shows.

`key` must name everything the part prints but texts in the reader's language; with an empty key
the part is rendered anew. Forms may stand in it: each reply puts its own token into them.
"""

import secrets
from hashlib import sha256
from typing import Any

from django import template
from django.core.cache import caches
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

register = template.Library()
# stands for the token of a reply in what is stored; nobody outside this process knows it
TOKEN = secrets.token_hex(32)


class PartNode(template.Node):
    """The content of the tag, from the cache `pages` where it was rendered before."""

    def __init__(self, nodelist: NodeList, name: FilterExpression, key: FilterExpression) -> None:
        self.nodelist, self.name, self.key = nodelist, name, key

    def render(self, context: template.Context) -> Any:
        key = self.key.resolve(context)
        if not key:
            return self.nodelist.render(context)
        cache = caches["pages"]
        shown = f"{self.name.resolve(context)} {get_language()} {key}"
        place = sha256(shown.encode()).hexdigest()
        html = cache.get(place)
        if html is None:
            with context.push(csrf_token=TOKEN):
                html = str(self.nodelist.render(context))
            cache.set(place, html, None)
        if TOKEN in html:
            html = html.replace(TOKEN, str(context["csrf_token"]))
        # rendered by a template, so escaped where it has to be
        return mark_safe(html)


@register.tag
def part(parser: Parser, token: Token) -> PartNode:
    """Return the node of `{% part "name" key %}`; raises TemplateSyntaxError for other words."""
    words = token.split_contents()
    if len(words) != 3:
        raise template.TemplateSyntaxError("a part needs its name and its key")
    nodelist = parser.parse(("endpart",))
    parser.delete_first_token()
    return PartNode(nodelist, *(parser.compile_filter(word) for word in words[1:]))
