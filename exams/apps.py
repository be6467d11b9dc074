from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "exams"

    def ready(self) -> None:
        from exams import checks

        checks.register_all()
