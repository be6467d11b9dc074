from django.apps import AppConfig


def _start_decoder() -> None:
    # loaded late: commands that decode nothing need none of it
    from scoring.audio import decoding

    decoding.start()


class ScoringConfig(AppConfig):
    """The app of responses and their ratings."""

    name = "scoring"

    def ready(self) -> None:
        """Register the system checks, and let web workers start their decoder first."""
        from opic.lib import processes
        from scoring import checks

        checks.register_all()
        processes.before_work.append(_start_decoder)
