from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """The app of the exam: survey, attempts, reports, official levels."""

    name = "exams"

    def ready(self) -> None:
        """Register the system checks."""
        from exams import checks

        checks.register_all()
