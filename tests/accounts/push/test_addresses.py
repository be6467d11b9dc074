"""Where a push goes: whatever address comes, our server connects to a listed host or not at all."""

from fnmatch import fnmatchcase
from urllib.parse import quote

import requests
from django.test import override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from accounts.forms import PushAddressForm
from accounts.push.subscriptions import parse_endpoint

HOSTS = ["fcm.googleapis.com", "*.push.apple.com", "*.notify.windows.com"]
REAL = ["fcm.googleapis.com", "web.push.apple.com", "db5.notify.windows.com"]
SIGNS = [chr(number) for number in range(128)]
OTHERS = ["。", ".", "⁄", "℀", "／", "﹨", "K", "ß", "xn--", "\u00ad", "\u200d", "\ud800", "é"]


def is_harmless(endpoint: str) -> bool:
    """Refused, or both readers of addresses that our client uses find a listed host in it."""
    url = parse_endpoint(endpoint)
    if url is None:
        return True
    form = PushAddressForm({"endpoint": endpoint})
    assert not form.is_valid() or parse_endpoint(form.cleaned_data["endpoint"])
    prepared = requests.Request("POST", url).prepare().url or ""
    for text in (url, prepared):
        parsed = parse_url(text)
        assert parsed.scheme == "https"
        assert parsed.port in {None, 443}
        assert parsed.auth is None
        assert any(fnmatchcase(parsed.host or "", name) for name in HOSTS), (endpoint, text)
    return True


@override_settings(OPIC_PUSH_HOSTS=HOSTS)
def test_real_addresses_pass_as_they_are():
    for host in REAL:
        for rest in ("/fcm/send/abc:APA91b-_", "/x?token=a%2fb&c=d", ":443/x", ""):
            assert parse_endpoint(f"https://{host}{rest}") == f"https://{host}{rest}"
    assert parse_endpoint("HTTPS://FCM.googleapis.com/Aa#here") == "https://fcm.googleapis.com/Aa"


@override_settings(OPIC_PUSH_HOSTS=HOSTS)
def test_every_sign_at_every_place_of_the_authority():
    for host in REAL:
        for evil in ("127.0.0.1", "evil.example", ""):
            whole = f"{evil}{host}"
            for place in range(len(whole) + 1):
                for sign in [*SIGNS, *OTHERS, *map(quote, SIGNS)]:
                    assert is_harmless(f"https://{whole[:place]}{sign}{whole[place:]}/x")


@override_settings(OPIC_PUSH_HOSTS=HOSTS)
def test_the_address_that_two_readers_read_in_two_ways_is_refused():
    for sign in ("\\", ";", "%2f", "%5c", " ", "\t", "\n", "@", "#", "?", ",", "%00", "\\@", "|"):
        assert parse_endpoint(f"https://127.0.0.1{sign}.push.apple.com/x") is None, sign


@override_settings(OPIC_PUSH_HOSTS=HOSTS)
def test_user_info_ports_and_other_forms():
    for host in REAL:
        for authority in (
            f"user@{host}",
            f"user:password@{host}",
            f"@{host}",
            f"{host}:",
            f"{host}:0443",
            f"{host}:8443",
            f"{host}:443:443",
            f"{host}:४४३",
            f"{host}.",
            f".{host}",
            f"[{host}]",
            f"{host}@evil.example",
            host.replace(".", "。"),
            host.replace("o", "ο"),
            host.replace("o", "%6f"),
        ):
            assert parse_endpoint(f"https://{authority}/x") is None, authority


@override_settings(OPIC_PUSH_HOSTS=["*"])
def test_no_asterisk_stands_for_an_address():
    for host in ("169.254.169.254", "127.1", "2130706433", "0x7f000001", "10.0.0.1"):
        assert parse_endpoint(f"https://{host}/x") is None, host
    assert parse_endpoint("https://push.example.org/x") == "https://push.example.org/x"


PIECES = st.lists(
    st.sampled_from(
        [*REAL, *SIGNS, *OTHERS, "127.0.0.1", "::1", "evil.example", "%2e", "//", ":443"]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=400)
@given(pieces=PIECES, host=st.sampled_from(REAL), rest=st.text(max_size=20))
@example("127.0.0.1\\", "web.push.apple.com", "")
@override_settings(OPIC_PUSH_HOSTS=HOSTS)
def test_any_text(pieces: str, host: str, rest: str):
    for text in (f"{pieces}{host}{rest}", f"{host}{pieces}/{rest}", f"{pieces}.{host}/{rest}"):
        assert is_harmless(f"https://{text}")
        assert is_harmless(f"{pieces}https:/{text}")
