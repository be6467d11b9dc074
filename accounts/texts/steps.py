"""Words for what a person says of themselves."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# the self-assessment's statements, in our words: exam fact A4
STEP_STATEMENTS: dict[int, str | Promise] = {
    1: _("I can say a few words, ten or so."),
    2: _("I can name everyday things. Whole sentences and questions are hard for me."),
    3: _(
        "I can say simple things about myself, people and places I know and my day, and ask simple"
        " questions."
    ),
    4: _(
        "I can take part in simple talk about myself, my day, work or school and what I like, and"
        " ask for what I need."
    ),
    5: _(
        "I can talk about home, work, school and what interests people, link what is, was and will"
        " be, and cope with a surprise."
    ),
    6: _(
        "I can join any conversation on work, study, interests and current affairs, and explain"
        " things exactly and in detail."
    ),
}
