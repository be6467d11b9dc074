from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app for people: accounts, consents, devices, notices and streaks."""

    name = "accounts"

    def ready(self) -> None:
        """Register the system checks and connect the receivers of signals."""
        from accounts import checks, devices
        from accounts.security import reauthentication
        from accounts.security import signals as security_signals

        checks.register_all()
        devices.listen()
        reauthentication.listen()
        security_signals.listen()
