"""Drawings: every one that a template names is there."""

import re

import pytest
from django.conf import settings
from django.template import engines

from opic.templatetags.icons import icon

NAMED = re.compile(r'\{% icon "([\w-]+)"')


def test_every_drawing_a_template_names_is_there():
    pages = (settings.BASE_DIR / "templates").rglob("*.html")
    names = {name for page in pages for name in NAMED.findall(page.read_text())}
    assert len(names) > 20
    for name in names:
        assert icon(name).startswith('<svg class="icon"')


def test_a_drawing_is_made_once_and_its_size_is_its_own():
    assert icon("mic") is icon("mic")
    assert 'class="icon icon-lg"' in icon("mic", "lg")


def test_a_name_without_a_drawing_stops_the_page():
    page = engines["django"].from_string('{% icon "nothing-of-the-kind" %}')
    with pytest.raises(KeyError):
        page.render()
