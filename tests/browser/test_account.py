"""Proving that it is you, by keyboard; the last by forms alone, without any script."""

import re
import zipfile

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, button, sign_up


def test_taking_one_s_data_along_is_one_link_and_the_password(open_page):
    page = open_page()
    email = sign_up(page)
    page.goto("/accounts/settings/?part=data")
    page.get_by_role("link", name="Download my data").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert email in archive.read("data.json").decode()


def test_an_operator_s_first_way_in_by_keyboard_and_without_script(open_page, product):
    email = sign_up(open_page())
    product.write(
        "UPDATE accounts_user SET is_staff = ?, is_superuser = ? WHERE email = ?", True, True, email
    )
    page = open_page(java_script_enabled=False)
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    button(page, "Send me a code").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Code").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    secret = re.sub(r"\s", "", page.locator("p.key code").inner_text())
    counters = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    page.get_by_label("Code").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Users")).to_be_visible()
