"""Whose limit a request counts against: the address that our own proxies saw, and nobody's wish."""

import ipaddress

import pytest
from allauth.core.internal.httpkit import get_client_ip
from django.core.cache import cache
from django.test import Client, RequestFactory, TestCase, override_settings
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_user

PROXIES = ["10.0.0.1", "10.0.0.2"]
ADDRESSES = st.ip_addresses().map(str)
FORGED = st.one_of(
    st.none(),
    st.lists(ADDRESSES, max_size=4).map(", ".join),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)


def arriving(client: str, forged: str | None, proxies: int) -> dict[str, str]:
    """What our web server sees of a client behind so many proxies: each appends who came to it."""
    seen = [forged] if forged is not None else []
    came = [client, *PROXIES[:proxies]]
    seen += came[:-1]
    headers = {"HTTP_X_FORWARDED_FOR": ", ".join(seen)} if seen else {}
    return {"REMOTE_ADDR": came[-1], **headers}


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_a_client_cannot_choose_its_address(proxies):
    @settings(max_examples=150)
    @given(client=ADDRESSES, forged=FORGED)
    def hold(client, forged):
        request = RequestFactory().get("/", **arriving(client, forged, proxies))
        address = get_client_ip(request)
        assert ipaddress.ip_address(address) == ipaddress.ip_address(client)

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        hold()


@override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/m/ip", "login": "30/m/ip"})
class LimitTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = make_user("mina@example.org")

    def sign_in(self, client: str, forged: str | None, proxies: int, password: str = "wrong"):
        form = {"login": "mina@example.org", "password": password}
        came = arriving(client, forged, proxies)
        return Client().post(reverse("account_login"), form, **came)

    def test_failures_of_one_address_touch_no_other_and_no_header_helps(self):
        for proxies in (0, 1, 2):
            cache.clear()
            with self.subTest(proxies), override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
                for number in range(3):
                    self.sign_in("198.51.100.7", f"203.0.113.{number}", proxies)
                limited = self.sign_in("198.51.100.7", "203.0.113.9, 203.0.113.8", proxies, "pw")
                assert "Too many" in limited.content.decode()
                for number in range(20):
                    other = self.sign_in(f"198.51.100.{number + 10}", "198.51.100.7", proxies)
                    assert "Too many" not in other.content.decode()
                assert self.sign_in("198.51.100.99", None, proxies, "pw").status_code == 302

    def test_told_a_wrong_number_everybody_shares_one_address(self):
        """Why the setting is demanded: this is what its old default did behind one proxy."""
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=0):
            for number in range(3):
                self.sign_in(f"198.51.100.{number}", None, 1)
            assert "Too many" in self.sign_in("198.51.100.99", None, 1, "pw").content.decode()
