"""No file of tests outgrows what one reads at a sitting."""

from django.conf import settings

MOST_LINES = 400


def test_files_of_tests_have_at_most_400_lines():
    long = {
        str(path.relative_to(settings.BASE_DIR)): lines
        for path in (settings.BASE_DIR / "tests").rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}, "split them by what they test"
