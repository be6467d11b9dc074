"""Which questions to show."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from materials.models import ItemType, Topic
from opic.lib.levels import STEPS


class PromptFilterForm(forms.Form):
    """Filters of the practice list; what a URL says wrongly is left out, not an error."""

    topic = forms.ChoiceField(label=_("Topic"), required=False)
    type = forms.ChoiceField(
        label=_("Kind of question"),
        required=False,
        choices=[("", _("All kinds")), *ItemType.choices],
    )
    step = forms.ChoiceField(
        label=_("Step"),
        required=False,
        choices=[
            ("", _("My step")),
            *[(str(step), str(step)) for step in STEPS],
            ("all", _("All steps")),
        ],
    )
    untried = forms.BooleanField(label=_("Not tried yet"), required=False)

    def __init__(self, data: Any, topics: list[Topic]) -> None:
        super().__init__(data, label_suffix="")
        choices = [("", str(_("All topics"))), *[(topic.slug, topic.name) for topic in topics]]
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What was asked for, without what makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
