from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, devices
        from accounts.security import reauthentication
        from accounts.security import signals as security_signals

        checks.register_all()
        devices.listen()
        reauthentication.listen()
        security_signals.listen()
