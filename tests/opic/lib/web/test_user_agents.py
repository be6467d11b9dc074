"""Which browser on which system, as people call them."""

from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import translation

MOZILLA = "Mozilla/5.0"
NAMED = {
    f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36": "Chrome on Windows",
    f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 "
    "Edg/130.0": "Edge on Windows",
    f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/130.0 Mobile Safari/604.1": (
        "Chrome on iPhone"
    ),
    f"{MOZILLA} (Linux; Android 14; SM-S901N) SamsungBrowser/26.0 Chrome/122.0 "
    "Mobile Safari/537.36": "Samsung Internet on Android",
    f"{MOZILLA} (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0": "Firefox on Linux",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 "
    "Safari/605.1.15": "Safari on Mac",
    "Firefox": "Firefox",
    "curl/8": "A browser we do not know",
    "": "A browser we do not know",
}


class DeviceNameTests(SimpleTestCase):
    def test_browsers_are_called_what_people_call_them(self):
        template = Template("{% load user_agents %}{{ agent|device_name }}")
        with translation.override("en"):
            for agent, name in NAMED.items():
                with self.subTest(agent):
                    assert template.render(Context({"agent": agent})) == name
