"""Buttons name what they do (data-do); custom elements list who answers (`actions`)."""

import re
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((BASE / "static" / "js").rglob("*.js"))
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
ELEMENT = BASE / "static" / "js" / "shared" / "element.js"

NAMED = re.compile(r"""\bdata-do=["']?([^"'\s>\]]+)""")
# `actions = { ... };` of an element, or the table that a module makes for one
TABLE = re.compile(r"^(?:  actions = \{|export const actionsOf = .*\(\{)(.*?)\}\)?;$", re.M | re.S)
ENTRY = re.compile(r"(?:^\s*|, )(\w+): \(", re.M)
DEFINED = re.compile(r'customElements\.define\("([\w-]+)", (\w+)\)')


def named_in(paths):
    return {name for path in paths for name in NAMED.findall(path.read_text())}


def tables():
    return [
        set(ENTRY.findall(f"\n{table}" if "\n" in table else table.strip()))
        for path in SCRIPTS
        if path != ELEMENT
        for table in TABLE.findall(path.read_text())
    ]


def test_who_answers_a_button_stands_in_a_table_and_every_entry_has_a_button():
    named = named_in(TEMPLATES)
    assert {"record", "sendNow", "useTheme", "otherWay"} <= named
    handled = set().union(*tables())
    assert named == handled, named ^ handled


def test_a_script_looks_only_for_buttons_that_templates_have():
    assert named_in(path for path in SCRIPTS if path != ELEMENT) - {"${name}"} <= named_in(
        TEMPLATES
    )


def test_every_table_is_read():
    begins = re.compile(r"\bactions = \{|actionsOf =")
    written = [path for path in SCRIPTS if path != ELEMENT and begins.search(path.read_text())]
    assert len(tables()) == len(written) >= 10
    assert all(tables())


def test_there_is_one_way_to_name_an_action():
    for path in [*TEMPLATES, *SCRIPTS]:
        assert not re.search(
            r"data-(act|action|choice)\b|dataset\.(act|action|choice)\b", path.read_text()
        ), path


def test_every_element_has_the_one_base_and_stands_in_a_template():
    templates = "".join(path.read_text() for path in TEMPLATES)
    elements = 0
    for path in SCRIPTS:
        text = path.read_text()
        assert ("extends HTMLElement" in text) == (path == ELEMENT), path
        for tag, name in DEFINED.findall(text):
            elements += 1
            assert f"class {name} extends OpicElement {{" in text, path
            assert f"<{tag}" in templates, tag
            for hook in ("connectedCallback", "disconnectedCallback"):
                own = len(
                    re.findall(rf"^  (?:async )?{hook}\(\) \{{\n    super\.{hook}\(\);", text, re.M)
                )
                assert own == len(re.findall(rf"^  (?:async )?{hook}\(", text, re.M)), (path, hook)
    assert elements >= 14
