from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    """The app for content: topics, prompts, sample responses and voice clips."""

    name = "materials"
