from django.apps import AppConfig


def _start_decoder() -> None:
    # loaded late: commands that decode nothing need none of it
    from scoring.audio import decoding

    decoding.start()


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from opic.lib import processes
        from scoring import checks

        checks.register_all()
        processes.before_work.append(_start_decoder)
