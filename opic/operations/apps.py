from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The app for what keeps the product working: clusters and clockwork."""

    name = "opic.operations"
