"""Which prompts and phrases to show, and what a learner writes down."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from materials.models import ItemType, Topic
from opic.lib.levels import STEPS
from opic.lib.web.filter_form import FilterForm
from practice.models import PHRASE_LENGTH, Story

Choices = list[tuple[str, str]]


def _topic_choices(topics: list[Topic], nothing: Any) -> list[tuple[str, str]]:
    return [("", str(nothing)), *[(topic.slug, topic.name) for topic in topics]]


class PromptFilterForm(FilterForm):
    """Filters of the practice list."""

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
    mine = forms.BooleanField(label=_("From my survey"), required=False)
    untried = forms.BooleanField(label=_("Not tried yet"), required=False)

    def __init__(self, data: Any, topics: Choices, *, has_survey: bool = True) -> None:
        super().__init__(data, label_suffix="")
        if not has_survey:
            del self.fields["mine"]
        choices = [("", str(_("All topics"))), *topics]
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]


class PhraseFilterForm(FilterForm):
    """Filters of the phrase book."""

    topic = forms.ChoiceField(label=_("Topic"), required=False)
    words = forms.CharField(
        label=_("With these words"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )

    def __init__(self, data: Any, topics: list[Topic]) -> None:
        super().__init__(data, label_suffix="", auto_id="filter-%s")
        choices = _topic_choices(topics, _("All topics"))
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]


class PhraseForm(forms.Form):
    """A phrase typed by hand, or sent with one tap from an answer or a question."""

    text = forms.CharField(label=_("Phrase"), max_length=PHRASE_LENGTH)
    note = forms.CharField(label=_("Note"), max_length=PHRASE_LENGTH, required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    response = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, topics: list[Topic]) -> None:
        super().__init__(data, auto_id="phrase-%s")
        self.topics = {topic.slug: topic for topic in topics}
        choices = _topic_choices(topics, _("No topic"))
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        return " ".join(str(self.cleaned_data["text"]).split())

    @property
    def topic_chosen(self) -> Topic | None:
        """Return the topic that was chosen, or None."""
        return self.topics.get(self.cleaned_data["topic"])


class StoryForm(forms.ModelForm[Story]):
    """A story in keywords. Only a new one chooses its topic; beside a question it is given."""

    topic = forms.ChoiceField(label=_("Topic"))

    class Meta:
        model = Story
        fields: ClassVar[list[str]] = ["title", "keywords"]
        labels: ClassVar[dict[str, Any]] = {
            "title": _("Which story?"),
            "keywords": _("Keywords, one on a line"),
        }
        widgets: ClassVar[dict[str, Any]] = {"keywords": forms.Textarea(attrs={"rows": 6})}

    field_order = ("topic", "title", "keywords")

    def __init__(
        self,
        data: Any = None,
        *,
        instance: Story | None = None,
        topics: list[Topic] | None = None,
        topic: Topic | None = None,
    ) -> None:
        name = instance.pk if instance and not instance._state.adding else "new"
        super().__init__(data, instance=instance, auto_id=f"story-{name}-%s")
        self.topics = {one.slug: one for one in topics or []}
        if topics is None:
            del self.fields["topic"]
            return
        choices = [(one.slug, one.name) for one in topics]
        self.fields["topic"].choices = choices  # type: ignore[attr-defined]
        if topic is not None:
            self.fields["topic"].widget = forms.HiddenInput()
            self.initial["topic"] = topic.slug

    def clean_keywords(self) -> str:
        """Return the keywords, single blanks between words and no empty lines."""
        lines = (" ".join(line.split()) for line in self.cleaned_data["keywords"].splitlines())
        return "\n".join(line for line in lines if line)

    def save(self, commit: bool = True) -> Story:
        """Save the story, with the topic that was chosen for a new one."""
        chosen = self.topics.get(self.cleaned_data.get("topic", ""))
        if chosen is not None:
            self.instance.topic = chosen
        return super().save(commit)
