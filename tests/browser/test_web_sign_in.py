"""Coming in, in a browser: signing up, logging in, second factors, passkeys, letters' links."""

import base64
import re
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from cse.users.totp import code_at
from tests.browser.chromium import VirtualAuthenticator
from tests.browser.fit import misfits
from tests.browser.letters import link_to
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import PASSWORD, Exchange

REFUSED = "Failed to load resource"
OTHER_PASSWORD = "another phrase with seven words in it"
PAGES = [
    "/login",
    "/signup",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/confirm-email",
]


async def fill_log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Types address and password into the log-in page and sends them."""
    await page.get_by_role("textbox", name="E-mail").fill(f"{name}@example.com")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Log in", exact=True).click()


async def sign_up(page: Page, name: str) -> None:
    """Fills in the sign-up page and sends it."""
    await page.goto("/signup")
    await page.get_by_role("textbox", name="E-mail").fill(f"{name}@example.com")
    await page.get_by_label("Handle").fill(name)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()


async def is_in(page: Page) -> None:
    """Returns once the header has the person's menu with them in it; the menu is shut again."""
    await page.get_by_role("button", name="Account menu").click()
    await expect(page.get_by_role("menuitem", name="Log out")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menuitem")).to_have_count(0)


def code(secret: str, later: int = 0) -> str:
    """What an authenticator with this secret shows, `later` steps of 30 s from now."""
    return code_at(base64.b32decode(secret), int(time.time()) // 30 + later)


async def test_signing_up_lets_one_in_at_once_and_says_what_is_taken(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The sandbox: in at once. A taken handle is said at its field, which gets the focus."""
    async with watched_page(browser, web_exchange.base) as watched:
        await sign_up(watched.page, "ann")
        await expect(watched.page).to_have_url(re.compile("/markets$"))
        await is_in(watched.page)
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await sign_up(page, "ann")
        await expect(page.get_by_text("has an account already")).to_be_visible()
        await expect(page.get_by_role("textbox", name="E-mail")).to_be_focused()
        await page.get_by_role("textbox", name="E-mail").fill("ann2@example.com")
        await page.get_by_role("button", name="Sign up").click()
        await expect(page.get_by_text("This handle is taken")).to_be_visible()
        await expect(page.get_by_label("Handle")).to_be_focused()
        assert await axe(page) == []


async def test_where_addresses_are_proved_first_the_letter_opens_the_account(
    browser: Browser, built_app: None, tmp_path: Path
) -> None:
    """Strict mode: a letter; its link and the password open the account; the token leaves the address bar."""
    with Exchange(tmp_path, env={"CSE_REGISTRATION_VERIFY_EMAIL": "true"}) as exchange:
        # The link alone is refused first: that is how the page learns that the password is needed.
        async with watched_page(browser, exchange.base, allowed=[REFUSED]) as watched:
            page = watched.page
            await sign_up(page, "bea")
            await expect(page.get_by_role("heading", level=1)).to_have_text(
                "Look into your mailbox"
            )
            assert await axe(page) == []
            await page.goto(link_to(exchange.base, "bea@example.com", "/verify-email"))
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            assert "token" not in page.url
            assert await axe(page) == []
            await page.get_by_role("button", name="Open my account").click()
            await page.get_by_role("link", name="Go on").click()
            await fill_log_in(page, "bea")
            await expect(page).to_have_url(re.compile("/markets$"))


async def test_a_wrong_password_is_said_and_next_brings_back(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Strangers are sent to the log-in and land, once in, where they wanted to go."""
    with web_exchange.person("cleo"):
        pass
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await page.goto("/account/keys")
        await page.wait_for_url("**/login?next=*")
        await fill_log_in(page, "cleo", "not the right password")
        await expect(page.get_by_role("alert")).to_have_text(
            "The e-mail address or the password is wrong."
        )
        assert await axe(page) == []
        await fill_log_in(page, "cleo")
        await expect(page).to_have_url(f"{web_exchange.base}/account/keys")
        await expect(page.get_by_role("heading", level=1)).to_have_text("API keys")


@pytest.mark.parametrize("to", ["//evil.example/x", "/\\evil.example", "https://evil.example"])
async def test_next_never_leads_to_another_site(
    browser: Browser, web_exchange: Exchange, to: str
) -> None:
    """A link to the log-in cannot send people elsewhere: they land on the markets."""
    with web_exchange.person("dora"):
        pass
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await page.goto("/login")
        await page.goto(await page.evaluate("to => '/login?next=' + encodeURIComponent(to)", to))
        await fill_log_in(page, "dora")
        await expect(page).to_have_url(f"{web_exchange.base}/markets")


async def test_the_keyboard_alone_logs_in(browser: Browser, web_exchange: Exchange) -> None:
    """Tab reaches address and password in order, the focus is in sight, Enter sends."""
    with web_exchange.person("edda"):
        pass
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await page.goto("/login")
        email = page.get_by_role("textbox", name="E-mail")
        await expect(email).to_be_visible()
        for _ in range(40):
            if await email.evaluate("field => field === document.activeElement"):
                break
            await page.keyboard.press("Tab")
        await expect(email).to_be_focused()
        await page.keyboard.type("edda@example.com")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Password", exact=True)).to_be_focused()
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/markets$"))


async def enrol(page: Page) -> tuple[str, list[str]]:
    """Sets up the authenticator on the security page; returns its secret and the recovery codes."""
    await page.goto("/account/security")
    await page.get_by_role("button", name="Set it up").click()
    shown = page.get_by_role("img", name="QR code for your authenticator")
    # Black on white in dark mode, too, with its quiet zone.
    await expect(shown.locator("rect")).to_have_attribute("fill", "#fff")
    await expect(shown.locator("path")).to_have_attribute("fill", "#000")
    secret = re.sub(
        r"\s",
        "",
        await page.locator("bdi").filter(has_text=re.compile("^[A-Z2-7 ]{32,}$")).inner_text(),
    )
    await page.get_by_label("Code", exact=True).fill("000000")
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.get_by_text("What proves who you are is missing")).to_be_visible()
    await page.get_by_label("Code", exact=True).fill(code(secret))
    await page.get_by_role("button", name="Turn it on").click()
    dialog = page.get_by_role("dialog", name="Keep these recovery codes")
    await expect(dialog.get_by_role("listitem")).to_have_count(10)
    codes = await dialog.get_by_role("listitem").all_inner_texts()
    await expect(dialog.get_by_role("button", name="Done")).to_be_disabled()
    await page.keyboard.press("Escape")
    await expect(dialog.get_by_text("Keep them first")).to_be_visible()
    assert await axe(page) == []
    await dialog.get_by_label("I kept them in a safe place").click()
    await dialog.get_by_role("button", name="Done").click()
    await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    return secret, codes


async def test_an_authenticator_is_set_up_and_asked_for(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Its codes and the recovery codes log in; a wrong one is said; the codes have to be kept first."""
    dark = {"theme": "dark"}
    async with watched_page(
        browser, web_exchange.base, preferences=dark, allowed=[REFUSED]
    ) as watched:
        await log_in(watched.page, web_exchange.base, "fay")
        secret, codes = await enrol(watched.page)
    assert len(codes) == 10
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await page.goto("/login?next=/wallet")
        await fill_log_in(page, "fay")
        field = page.get_by_label("Code of your authenticator")
        await expect(field).to_be_focused()
        await field.fill("000000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("The code is wrong")).to_be_visible()
        assert await axe(page) == []
        await field.fill(code(secret, 1))
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{web_exchange.base}/wallet")
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await page.goto("/login")
        await fill_log_in(page, "fay")
        await page.get_by_role("button", name="Use a recovery code").click()
        await page.get_by_label("Recovery code", exact=True).fill(codes[3])
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/markets$"))
        await page.goto("/account/security")
        await expect(page.get_by_text("9 recovery codes left")).to_be_visible()


async def test_a_passkey_is_added_and_logs_in_alone(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Added on the security page with its recovery codes; afterwards one press on the log-in page is enough."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base) as watched:
        page = watched.page
        # A browser that offers nothing in the field, so that it is the button that does it.
        await page.add_init_script(
            "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
        )
        await VirtualAuthenticator.plug_into(page)
        await log_in(page, base, "gail")
        await page.goto("/account/security")
        part = page.get_by_role("region", name="Passkeys")
        await part.get_by_label("Name").fill("Laptop")
        await part.get_by_role("button", name="Add a passkey").click()
        dialog = page.get_by_role("dialog", name="Keep these recovery codes")
        await dialog.get_by_label("I kept them in a safe place").click()
        await dialog.get_by_role("button", name="Done").click()
        await expect(part.get_by_role("listitem").filter(has_text="Laptop")).to_be_visible()
        await page.get_by_role("button", name="Account menu").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
        await page.goto("/login?next=/account/security")
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page).to_have_url(f"{base}/account/security")
        await is_in(page)


async def test_a_forgotten_password_is_set_anew_by_the_letter(
    browser: Browser, web_exchange: Exchange
) -> None:
    """A letter comes whoever asks; its link sets another password once, and then is dead."""
    with web_exchange.person("hana"):
        pass
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await page.goto("/login")
        await page.get_by_role("link", name="Forgot your password?").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Another password")
        await page.get_by_role("textbox", name="E-mail").fill("hana@example.com")
        await page.get_by_role("button", name="Send the link").click()
        await expect(page.get_by_text("a letter is on its way")).to_be_visible()
        link = link_to(web_exchange.base, "hana@example.com", "/reset-password")
        await page.goto(link)
        await page.get_by_label("New password").fill("password1234")
        assert "token" not in page.url
        await page.get_by_role("button", name="Set it").click()
        await expect(page.get_by_label("New password")).to_be_focused()
        await page.get_by_label("New password").fill(OTHER_PASSWORD)
        await page.get_by_role("button", name="Set it").click()
        await page.get_by_role("main").get_by_role("link", name="Log in").click()
        await fill_log_in(page, "hana", OTHER_PASSWORD)
        await expect(page).to_have_url(re.compile("/markets$"))
        await page.goto("about:blank")
        await page.goto(link)
        await page.get_by_label("New password").fill(f"{OTHER_PASSWORD} again")
        await page.get_by_role("button", name="Set it").click()
        await expect(page.get_by_text("This link is good no more")).to_be_visible()


async def test_another_address_counts_once_its_letter_was_used(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Asked for in the account, confirmed by the link in the letter to the new address."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ines")
        await page.goto("/account/security")
        part = page.get_by_role("region", name="E-mail address")
        await expect(part.get_by_text("ines@example.com")).to_be_visible()
        await part.get_by_label("Another address").fill("ines@elsewhere.example")
        await part.get_by_role("button", name="Send the link").click()
        await expect(page.get_by_text("A letter is on its way").first).to_be_visible()
        await page.goto(link_to(web_exchange.base, "ines@elsewhere.example", "/confirm-email"))
        await page.get_by_role("button", name="Use this address").click()
        await expect(page.get_by_text("It is ines@elsewhere.example now.")).to_be_visible()
        await page.goto("/account/security")
        await expect(part.get_by_text("ines@elsewhere.example")).to_be_visible()
        await expect(part.get_by_text("proved", exact=True)).to_be_visible()


async def test_whoever_is_in_is_sent_on(browser: Browser, web_exchange: Exchange) -> None:
    """Neither page asks somebody who is in: one press goes to where they wanted, and never to another site."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "vera")
        for path in ("/login?next=/wallet", "/signup?next=/wallet"):
            await page.goto(path)
            await page.get_by_role("main").get_by_role("link", name="Go on").click()
            await expect(page).to_have_url(f"{web_exchange.base}/wallet")
        await page.goto("/login?next=//elsewhere.example/")
        await page.get_by_role("main").get_by_role("link", name="Go on").click()
        await expect(page).to_have_url(re.compile("/markets$"))


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_of_coming_in_is_accessible_and_fits_a_phone(
    browser: Browser, web_exchange: Exchange, theme: str
) -> None:
    """No violation of WCAG 2.2 AA, nothing wider than a phone."""
    async with watched_page(
        browser, web_exchange.base, size=PHONE, preferences={"theme": theme}
    ) as watched:
        page = watched.page
        for path in PAGES:
            await page.goto(path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert await axe(page) == [], path
            assert await misfits(page) == [], path
