"""Sessions in a real browser: what scripts can see, quick reloads, and several tabs."""

import asyncio

from playwright.async_api import Browser, Page

from tests.browser.web import log_in, watched_page
from tests.integration.exchange import Exchange

ME = """async () => {
  const headers = { "content-type": "application/json", "x-cse-client": "web" };
  const answer = await fetch("/api/auth/refresh", { method: "POST", headers, body: "{}" });
  return [answer.status, answer.status === 200 ? Object.keys(await answer.json()).sort() : []];
}"""


async def is_logged_in(page: Page) -> bool:
    """Whether this browser has a session, asked as the app asks."""
    status, _ = await page.evaluate(ME)
    return bool(status == 200)


async def test_no_script_sees_a_refresh_token(browser: Browser, web_exchange: Exchange) -> None:
    """Neither in cookies, nor in what is stored, nor in an answer."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "sam")
        await page.goto("/status")
        (kept,) = [each for each in await page.context.cookies() if "refresh" in each["name"]]
        assert (kept["httpOnly"], kept["sameSite"]) == (True, "Strict")
        seen = await page.evaluate(
            "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])"
        )
        assert kept["value"] not in seen
        assert "refresh" not in await page.evaluate("document.cookie")
        assert await page.evaluate(ME) == [200, ["access_token", "expires_in"]]


async def test_quick_reloads_keep_the_session(browser: Browser, web_exchange: Exchange) -> None:
    """Each load refreshes, and some never hear the answer."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "rita")
        await page.goto("/status")
        for _ in range(8):
            # Not `reload`: Chromium refuses one while the last is under way.
            await page.goto("/status", wait_until="commit")
        await page.wait_for_load_state("networkidle")
        assert await is_logged_in(page)


async def test_tabs_that_open_at_once_share_the_session(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Four tabs refresh one cookie; all stay logged in."""
    async with watched_page(browser, web_exchange.base) as watched:
        await log_in(watched.page, web_exchange.base, "tom")
        tabs = [await watched.page.context.new_page() for _ in range(4)]
        await asyncio.gather(*(tab.goto("/status") for tab in tabs))
        for tab in tabs:
            await tab.wait_for_load_state("networkidle")
            assert await is_logged_in(tab)
        await watched.page.goto("/status")
