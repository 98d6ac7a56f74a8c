"""Second factors and keys that are changed and taken away, in a browser: what opened the account opens it no more."""

import base64
import re
import subprocess
import sys

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import VirtualAuthenticator
from tests.browser.test_web_account import REFUSED, make_key, run
from tests.browser.test_web_sign_in import code, enrol, fill_log_in, is_in
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import PASSWORD, Exchange


async def keep_codes(page: Page) -> list[str]:
    """Keeps the recovery codes that the page shows; returns them."""
    dialog = page.get_by_role("dialog", name="Keep these recovery codes")
    await expect(dialog.get_by_role("listitem")).to_have_count(10)
    codes = await dialog.get_by_role("listitem").all_inner_texts()
    await dialog.get_by_label("I kept them in a safe place").click()
    await dialog.get_by_role("button", name="Done").click()
    await expect(dialog).to_have_count(0)
    return codes


async def add_passkey(page: Page, label: str) -> None:
    """Names a passkey in the security page and has it made."""
    part = passkeys(page)
    await part.get_by_label("Name").fill(label)
    await part.get_by_role("button", name="Add a passkey").click()


def passkeys(page: Page) -> Locator:
    """The part of the page that is about passkeys."""
    return page.get_by_role("region", name="Passkeys")


async def test_an_authenticator_is_turned_off_with_password_and_code(
    browser: Browser, web_exchange: Exchange
) -> None:
    """A wrong password changes nothing; a recovery code is as good as a code; then the password alone logs in."""
    base = web_exchange.base
    async with watched_page(browser, base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, base, "finn")
        _, codes = await enrol(page)
        await page.get_by_role("button", name="Turn it off").click()
        dialog = page.get_by_role("dialog", name="Turn the authenticator off?")
        await dialog.get_by_label("Password now").fill("not the right password")
        await dialog.get_by_label("A code, or a recovery code").fill(codes[0])
        assert await axe(page) == []
        await dialog.get_by_role("button", name="Turn it off").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
        await dialog.get_by_label("Password now").fill(PASSWORD)
        await dialog.get_by_role("button", name="Turn it off").click()
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_role("button", name="Set it up")).to_be_visible()
    async with watched_page(browser, base) as watched:
        await watched.page.goto("/login")
        await fill_log_in(watched.page, "finn")
        await expect(watched.page).to_have_url(re.compile("/markets$"))


async def test_new_recovery_codes_end_the_old_ones(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Asked first; the new ones log in, an old one does not."""
    base = web_exchange.base
    async with watched_page(browser, base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, base, "gwen")
        secret, old = await enrol(page)
        await page.get_by_role("button", name="New recovery codes").click()
        asked = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
        await asked.get_by_role("button", name="New recovery codes").click()
        proof = page.get_by_role("dialog", name="Show that it is you")
        fresh = page.get_by_role("dialog", name="Keep these recovery codes")
        await expect(proof.or_(fresh)).to_be_visible()
        if await proof.is_visible():
            await proof.get_by_label("Code of your authenticator").fill(code(secret, 1))
            await proof.get_by_role("button", name="Go on").click()
        new = await keep_codes(page)
        assert not set(new) & set(old)
    async with watched_page(browser, base, allowed=[REFUSED]) as watched:
        page = watched.page
        await page.goto("/login")
        await fill_log_in(page, "gwen")
        await page.get_by_role("button", name="Use a recovery code").click()
        field = page.get_by_label("Recovery code", exact=True)
        await field.fill(old[0])
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("The code is wrong")).to_be_visible()
        await field.fill(new[0])
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/markets$"))


async def test_the_last_passkey_goes_with_the_password(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The last second factor takes the password and its recovery codes go with it; then the password alone logs in."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base, size=PHONE, allowed=[REFUSED]) as watched:
        page = watched.page
        await VirtualAuthenticator.plug_into(page)
        await log_in(page, base, "hugo")
        await page.goto("/account/security")
        await add_passkey(page, "Phone")
        await keep_codes(page)
        await page.get_by_role("button", name="Remove the passkey “Phone”").click()
        dialog = page.get_by_role("dialog", name="Remove the passkey “Phone”")
        await dialog.get_by_role("button", name="Remove").click()
        await expect(dialog.get_by_text("It is your last second factor")).to_be_visible()
        await dialog.get_by_label("Password now").fill("not the right password")
        assert await axe(page) == []
        await dialog.get_by_role("button", name="Remove").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await dialog.get_by_label("Password now").fill(PASSWORD)
        await dialog.get_by_role("button", name="Remove").click()
        await expect(dialog).to_have_count(0)
        await expect(passkeys(page).get_by_role("listitem")).to_have_count(0)
    async with watched_page(browser, base) as watched:
        await watched.page.goto("/login")
        await fill_log_in(watched.page, "hugo")
        await is_in(watched.page)


async def test_a_passkey_that_this_device_has_already_is_said(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The browser refuses to make a second one; the page says why, and the first one stays."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base) as watched:
        page = watched.page
        await VirtualAuthenticator.plug_into(page)
        await log_in(page, base, "ivy")
        await page.goto("/account/security")
        await add_passkey(page, "Laptop")
        await keep_codes(page)
        await add_passkey(page, "The same laptop")
        await expect(passkeys(page).get_by_role("alert")).to_contain_text("already")
        await expect(passkeys(page).get_by_role("listitem")).to_have_count(1)
        assert await axe(page) == []


async def test_an_address_without_a_name_says_what_passkeys_need(
    browser: Browser, web_exchange: Exchange
) -> None:
    """At 127.0.0.1, where the demo opens, no browser makes passkeys: there is no button that does nothing."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await page.goto("/login")
        await expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
        await log_in(page, web_exchange.base, "jean")
        await page.goto("/account/security")
        await expect(
            passkeys(page).get_by_text("This browser cannot make passkeys")
        ).to_be_visible()
        await expect(passkeys(page).get_by_role("button")).to_have_count(0)


async def test_whoever_does_not_touch_the_device_is_told_nothing(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Nothing went wrong: closing the browser's dialog leaves the form as it was."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base) as watched:
        page = watched.page
        authenticator = await VirtualAuthenticator.plug_into(page)
        await authenticator.verify_nobody()
        await log_in(page, base, "jade")
        await page.goto("/account/security")
        await add_passkey(page, "Laptop")
        add = passkeys(page).get_by_role("button", name="Add a passkey")
        await expect(add).to_be_enabled()
        await expect(passkeys(page).get_by_role("alert")).to_have_count(0)
        await expect(passkeys(page).get_by_label("Name")).to_have_value("Laptop")


async def test_a_keys_new_secret_works_beside_the_old_one(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Rotated in the page: both secrets sign while the page says that they do; a second rotation has to wait."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "kurt")
        _, old = await make_key(page, "bot")
        shell = await page.locator("pre").inner_text()
        await page.get_by_role("button", name="I kept it").click()
        await page.get_by_role("button", name="New secret").click()
        made = page.get_by_role("note").filter(has_text="The key “bot” has a new secret")
        await expect(made).to_be_visible()
        new = await made.locator("bdi").nth(1).inner_text()
        assert new != old
        await expect(page.get_by_text("its old secret is good until")).to_be_visible()
        for secret in (old, new):
            assert "balances" in run(["bash", "-c", shell], secret)
        await page.get_by_role("button", name="New secret").click()
        await expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
        assert await axe(page) == []


def key_pair(folder: object) -> str:
    """Makes a key pair as the page says; returns its public half."""
    done = subprocess.run(
        [sys.executable, "-m", "cse.cli", "keys", "new", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"[A-Za-z0-9+/]{43}=", done.stdout)
    assert found, done.stdout
    assert len(base64.b64decode(found[0])) == 32
    return found[0]


async def test_a_key_pair_is_made_and_changed(
    browser: Browser, web_exchange: Exchange, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The public halves are pasted into the page; what is no key is said at its field."""
    folder = tmp_path_factory.mktemp("pairs")
    first, second = (key_pair(folder / name) for name in ("one.pem", "two.pem"))
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "lars")
        await page.goto("/account/keys")
        await page.get_by_role("button", name="Make a key").click()
        dialog = page.get_by_role("dialog", name="Make a key")
        await dialog.get_by_label("Name").fill("pair")
        await dialog.get_by_role("radio", name="With a key pair").click()
        await dialog.get_by_label("Public key").fill(first)
        await dialog.get_by_role("button", name="Make it").click()
        await page.get_by_role("button", name="I kept it").click()
        await page.get_by_role("button", name="New key pair").click()
        dialog = page.get_by_role("dialog", name="New key pair")
        await dialog.get_by_label("Public key").fill("no key")
        assert await axe(page) == []
        await dialog.get_by_role("button", name="Use it").click()
        await expect(dialog.get_by_label("Public key")).to_be_focused()
        await dialog.get_by_label("Public key").fill(second)
        await dialog.get_by_role("button", name="Use it").click()
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_text("its old public key is good until")).to_be_visible()
