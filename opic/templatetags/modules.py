"""`{% modules %} ... {% endmodules %}`: a page's scripts, below the import map they need."""

import re
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from opic.context_processors import import_map

register = template.Library()
_SOURCE = re.compile(r'<script[^>]* src="([^"]+)"')


class ModulesNode(template.Node):
    """The scripts of the tag, and before them what their imports are called."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> Any:
        scripts = self.nodelist.render(context)
        names = mark_safe(import_map(frozenset(_SOURCE.findall(scripts))))  # JSON of our own
        nonce = getattr(context.get("request"), "csp_nonce", "")
        return (
            format_html('<script type="importmap" nonce="{}">{}</script>', nonce, names) + scripts
        )


@register.tag
def modules(parser: Parser, _token: Token) -> ModulesNode:
    """Return the node of `{% modules %}`, which takes no arguments."""
    nodelist = parser.parse(("endmodules",))
    parser.delete_first_token()
    return ModulesNode(nodelist)
