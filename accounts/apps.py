from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, devices, reauthentication, security_signals

        checks.register_all()
        devices.listen()
        reauthentication.listen()
        security_signals.listen()
