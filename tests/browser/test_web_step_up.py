"""Showing anew who one is, in a browser: by password, code or passkey; given up, nothing is done.

A log-in counts as a proof for ten minutes. The exchange's refusal after them is given here in its place; the proof
that the page then brings goes to the exchange itself.
"""

import json

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.chromium import VirtualAuthenticator
from tests.browser.test_web_account import REFUSED
from tests.browser.test_web_factors import add_passkey, keep_codes
from tests.browser.test_web_sign_in import code, enrol
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import PASSWORD, Exchange

REFUSAL = {
    "type": "/api/problems/step_up_required",
    "title": "Forbidden",
    "status": 403,
    "detail": "Show who you are first.",
    "code": "step_up_required",
    "request_id": "test",
    "retryable": False,
}


async def ask_once(page: Page) -> None:
    """Has the next attempt to make a key refused for want of a proof."""
    refused: list[str] = []

    async def answer(route: Route) -> None:
        if route.request.method != "POST" or refused:
            return await route.continue_()
        refused.append(route.request.url)
        body = json.dumps(REFUSAL)
        return await route.fulfill(status=403, body=body, content_type="application/problem+json")

    await page.route("**/api/keys", answer)


async def wanted(page: Page) -> Locator:
    """Makes a key; returns the dialog that asks who wants it."""
    await ask_once(page)
    await page.goto("/account/keys")
    await page.get_by_role("button", name="Make a key").click()
    making = page.get_by_role("dialog", name="Make a key")
    await making.get_by_label("Name").fill("bot")
    await making.get_by_role("button", name="Make it").click()
    asked = page.get_by_role("dialog", name="Is it you?")
    await expect(asked).to_be_visible()
    return asked


async def test_a_password_proves_who_has_nothing_else(
    browser: Browser, web_exchange: Exchange
) -> None:
    """A wrong one is said; the right one makes the key without another press."""
    async with watched_page(browser, web_exchange.base, size=PHONE, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "mara")
        asked = await wanted(page)
        await asked.get_by_label("Password", exact=True).fill("not the right password")
        assert await axe(page) == []
        await asked.get_by_role("button", name="Go on").click()
        await expect(asked.get_by_role("alert")).to_be_visible()
        await asked.get_by_label("Password", exact=True).fill(PASSWORD)
        await asked.get_by_role("button", name="Go on").click()
        await expect(page.get_by_text("The key “bot” is made")).to_be_visible()


async def test_a_code_of_the_authenticator_proves(browser: Browser, web_exchange: Exchange) -> None:
    """Not the password, once there is an authenticator; a recovery code does where the phone is not at hand."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "nell")
        secret, _ = await enrol(page)
        asked = await wanted(page)
        await expect(asked.get_by_label("Password", exact=True)).to_have_count(0)
        await expect(asked.get_by_text("Not at hand? Use a recovery code.")).to_be_visible()
        field = asked.get_by_label("Code of your authenticator")
        await field.fill("000000")
        await page.keyboard.press("Enter")
        await expect(asked.get_by_role("alert")).to_be_visible()
        await field.fill(code(secret, 1))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("The key “bot” is made")).to_be_visible()


async def test_a_passkey_proves(browser: Browser, web_exchange: Exchange) -> None:
    """One press."""
    base = web_exchange.base.replace("127.0.0.1", "localhost")
    async with watched_page(browser, base, allowed=[REFUSED]) as watched:
        page = watched.page
        await VirtualAuthenticator.plug_into(page)
        await log_in(page, base, "olaf")
        await page.goto("/account/security")
        await add_passkey(page, "Laptop")
        await keep_codes(page)
        asked = await wanted(page)
        await asked.get_by_role("button", name="Use a passkey").click()
        await expect(page.get_by_text("The key “bot” is made")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "ar"])
async def test_given_up_nothing_is_made(
    browser: Browser, web_exchange: Exchange, locale: str
) -> None:
    """Told once, and what was typed is still there, in each direction of writing."""
    async with watched_page(
        browser, web_exchange.base, preferences={"locale": locale}, allowed=[REFUSED]
    ) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, f"pam_{locale}")
        await ask_once(page)
        await page.goto("/account/keys")
        await page.get_by_role("main").get_by_role("button").first.click()
        name = page.locator("input[name=name]")
        await name.fill("bot")
        await page.locator("form button[type=submit]").click()
        await expect(page.get_by_role("dialog")).to_have_count(1)  # the other one is behind it
        await expect(page.locator("input[type=password]")).to_be_visible()
        assert await axe(page) == []
        await page.keyboard.press("Escape")
        await expect(page.locator("input[type=password]")).to_have_count(0)
        await expect(name).to_have_value("bot")
        with web_exchange.person(f"pam_{locale}") as client:
            assert client.get("/api/keys").json()["keys"] == []
