"""The own account in a browser: profile, sessions, API keys, level, sub-accounts, letters, own data."""

import io
import re
import subprocess
import sys

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.fit import misfits
from tests.browser.test_web_sign_in import OTHER_PASSWORD, fill_log_in, is_in
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import PASSWORD, Exchange, deposit

SECTIONS = [
    "profile",
    "security",
    "keys",
    "limits",
    "sub-accounts",
    "notifications",
    "appearance",
    "data",
]
REFUSED = "Failed to load resource"


def picture(side: int = 300) -> FilePayload:
    """A small picture as Playwright's file inputs take it."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), (200, 40, 90)).save(file, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": file.getvalue()}


def run(command: list[str], secret: str, *, good: bool = True) -> str:
    """Runs a pasted program that asks for the secret on its standard input; returns what it printed, or said."""
    # A session of its own has no terminal: getpass reads standard input then.
    done = subprocess.run(
        command,
        input=f"{secret}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert (done.returncode == 0) is good, done.stderr
    return done.stdout if good else done.stderr


async def make_key(page: Page, name: str) -> tuple[str, str]:
    """Makes a key with a secret in the page; returns its id and its secret."""
    await page.goto("/account/keys")
    await page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog", name="Make a key")
    await dialog.get_by_label("Name").fill(name)
    assert await axe(page) == []
    await dialog.get_by_role("button", name="Make it").click()
    made = page.get_by_role("note").filter(has_text=f"The key “{name}” is made")
    await expect(made).to_be_visible()
    shown = made.locator("bdi")
    return await shown.nth(0).inner_text(), await shown.nth(1).inner_text()


async def test_a_key_made_in_the_page_signs_what_the_page_says(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The pasted curl and Python programs read the balances; deleted in the page, the key opens nothing."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "kim")
        _, secret = await make_key(page, "bot")
        program = page.locator("pre")
        shell = await program.inner_text()
        assert "balances" in run(["bash", "-c", shell], secret)
        await page.get_by_role("tab", name="Python").click()
        await expect(program).to_contain_text("urllib")
        python = await program.inner_text()
        assert secret not in shell + python
        assert "balances" in run([sys.executable, "-c", python], secret)
        assert await axe(page) == []
        await page.get_by_role("button", name="I kept it").click()
        await expect(page.get_by_text(secret)).to_have_count(0)
        await page.get_by_role("button", name="Delete").click()
        dialog = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
        await dialog.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("You have no keys yet")).to_be_visible()
        assert "401" in run([sys.executable, "-c", python], secret, good=False)


async def test_a_session_that_is_ended_is_out_in_the_other_browser(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Two browsers of one person: ended in the one, the other leaves its page for the log-in by itself."""
    async with (
        watched_page(browser, web_exchange.base) as here,
        watched_page(browser, web_exchange.base, allowed=[REFUSED]) as there,
    ):
        await log_in(here.page, web_exchange.base, "lea")
        await log_in(there.page, web_exchange.base, "lea", register=False)
        await there.page.goto("/account/profile")
        await expect(there.page.get_by_label("Handle")).to_have_value("lea")
        await here.page.goto("/account/security")
        sessions = here.page.get_by_role("list", name="Where you are logged in")
        await expect(sessions.get_by_text("this one")).to_have_count(1)
        await sessions.get_by_role("button", name="End", exact=True).first.click()
        await expect(there.page).to_have_url(re.compile("/login"))
        await expect(sessions.get_by_role("listitem")).to_have_count(1)
        await is_in(here.page)


async def test_another_password_ends_the_other_sessions(
    browser: Browser, web_exchange: Exchange
) -> None:
    """A wrong old one is said at its field; with the new one the other browser is out, and it alone logs in."""
    async with (
        watched_page(browser, web_exchange.base, allowed=[REFUSED]) as here,
        watched_page(browser, web_exchange.base, allowed=[REFUSED]) as there,
    ):
        await log_in(here.page, web_exchange.base, "luis")
        await log_in(there.page, web_exchange.base, "luis", register=False)
        await there.page.goto("/account/profile")
        await expect(there.page.get_by_label("Handle")).to_have_value("luis")
        await here.page.goto("/account/security")
        part = here.page.get_by_role("region", name="Password", exact=True)
        old, new = part.get_by_label("Password now"), part.get_by_label("New password")
        await old.fill("not the right password")
        await new.fill(OTHER_PASSWORD)
        await part.get_by_role("button", name="Change it").click()
        await expect(old).to_have_attribute("aria-invalid", "true")
        await old.fill(PASSWORD)
        await part.get_by_role("button", name="Change it").click()
        await expect(there.page).to_have_url(re.compile("/login"))
        await is_in(here.page)
        await fill_log_in(there.page, "luis")
        await expect(there.page.get_by_role("alert")).to_be_visible()
        await fill_log_in(there.page, "luis", OTHER_PASSWORD)
        await expect(there.page).to_have_url(re.compile("/account/profile$"))


async def test_profile_and_picture_are_shown_to_others(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Words and picture are saved, and the header has the picture at once."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "mia")
        await page.goto("/account/profile")
        await page.get_by_label("Name").fill("Mia the Great")
        await page.get_by_label("About you").fill("I draw.")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved").first).to_be_visible()
        await page.locator("input[type=file]").set_input_files(picture())
        assert await axe(page) == []
        await page.get_by_role("button", name="Use it").click()
        head = page.get_by_role("button", name="Account menu").locator("img")
        await expect(head).to_have_attribute("src", re.compile("/api/avatars/"))
        await page.reload()
        await expect(page.get_by_label("Name")).to_have_value("Mia the Great")
        await page.get_by_role("button", name="Remove it").click()
        await expect(head).to_have_count(0)


async def hand_in_data(page: Page) -> None:
    """Begins the check for level 1 and hands it in."""
    await page.goto("/account/limits")
    await page.get_by_role("button", name="Go to level 1").click()
    await page.get_by_label("Name, as in your papers").fill("Olga Example")
    await page.get_by_label("Born on").fill("1990-02-03")
    await page.get_by_label("Country where you live").select_option(label="Germany")
    await page.get_by_label("Nationality").select_option(label="Japan")
    assert await axe(page) == []
    await page.get_by_role("button", name="Begin the check").click()
    await page.get_by_role("button", name="Hand it in").click()
    await expect(card(page, 1).get_by_text("handed in")).to_be_visible()


def card(page: Page, level: int) -> Locator:
    """The check for this level."""
    return page.get_by_role("article").filter(has_text=f"Check for level {level}")


async def test_an_identity_check_is_begun_and_handed_in(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Somebody too young is told at the field; whoever is old enough hands it in, and can take it back."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "olga")
        await hand_in_data(page)
        await card(page, 1).get_by_role("button", name="Withdraw it").click()
        await expect(card(page, 1).get_by_text("withdrawn")).to_be_visible()
        await expect(page.get_by_role("button", name="Go to level 1")).to_be_visible()


async def test_sub_accounts_are_opened_and_named(browser: Browser, web_exchange: Exchange) -> None:
    """Opened by a name, renamed, closed when empty; a name that is taken is said."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "pia")
        await page.goto("/account/sub-accounts")
        await expect(page.get_by_text("You have no sub-accounts")).to_be_visible()
        await page.get_by_label("Name").fill("grid")
        await page.get_by_role("button", name="Open one").click()
        row = page.get_by_role("list", name="Sub-accounts").get_by_role("listitem")
        await expect(row).to_contain_text("grid")
        await page.get_by_label("Name").fill("grid")
        await page.get_by_role("button", name="Open one").click()
        await expect(
            page.get_by_text("You have another one with this name already")
        ).to_be_visible()
        await row.get_by_role("button", name="Rename").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("ladder")
        await dialog.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("ladder")
        await row.get_by_role("button", name="Close").click()
        await expect(dialog.get_by_text("It never opens again")).to_be_visible()
        assert await axe(page) == []
        await dialog.get_by_role("button", name="Close").last.click()
        await expect(row).to_contain_text("closed")


async def test_letters_and_looks_are_kept(browser: Browser, web_exchange: Exchange) -> None:
    """Which letters come is the account's, theme and language are this browser's: both outlive a reload."""
    async with watched_page(
        browser, web_exchange.base, preferences={"theme": "light", "locale": "en"}
    ) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "rhea")
        await page.goto("/account/notifications")
        news = page.get_by_label("News")
        before = await news.is_checked()
        async with page.expect_response("**/api/profile/notifications"):
            await news.click()
        await page.reload()
        await expect(news).to_be_checked(checked=not before)
        await page.goto("/account/appearance")
        await page.get_by_role("radio", name="Dark").click()
        await page.get_by_label("Language").select_option("ar")
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")


async def test_closing_says_what_stands_in_the_way(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Money is named to the unit, and the account stays open."""
    with web_exchange.person("theo") as theo:
        deposit(theo, "USDC", "5.000001", "five")
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "theo", register=False)
        await page.goto("/account/data")
        await page.get_by_role("button", name="Close my account").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Type theo to go on").fill("theo")
        await dialog.get_by_role("button", name="Close my account").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("5.000001 USDC")
        assert await axe(page) == []
        await page.keyboard.press("Escape")
        await is_in(page)


async def test_own_data_is_taken_along_and_an_empty_account_is_closed(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The file is whole; the button to close waits for the handle; with it the account is closed and one is out."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "sara")
        await page.goto("/account/data")
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="Make the file").click()
        path = await (await waiting.value).path()
        assert '"kind":"end"' in path.read_text(encoding="utf-8").splitlines()[-1].replace(" ", "")
        await page.get_by_role("button", name="Close my account").click()
        dialog = page.get_by_role("dialog")
        close = dialog.get_by_role("button", name="Close my account")
        await expect(close).to_be_disabled()
        await dialog.get_by_label("Type sara to go on").fill("sara")
        assert await axe(page) == []
        await close.click()
        await expect(dialog).to_have_count(0)
        await page.goto("/account/data")
        await page.wait_for_url("**/login?next=*")


@pytest.mark.parametrize("section", SECTIONS)
async def test_every_section_is_accessible_and_fits_a_phone(
    browser: Browser, web_exchange: Exchange, section: str
) -> None:
    """No violation of WCAG 2.2 AA in light and in dark, and nothing is wider than a phone."""
    for theme, size in (("light", (1440, 900)), ("dark", PHONE)):
        async with watched_page(
            browser, web_exchange.base, size=size, preferences={"theme": theme}
        ) as watched:
            page = watched.page
            await log_in(page, web_exchange.base, "tess")
            await page.goto(f"/account/{section}")
            await expect(page.get_by_role("heading", level=2).first).to_be_visible()
            assert await axe(page) == []
            assert await misfits(page) == []
