from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """The app of practice: takes, phrases, cards and stories."""

    name = "practice"
