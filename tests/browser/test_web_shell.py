"""The shell of the web app: its keys and dialogs, sessions in two tabs, and what it is without the exchange."""

import asyncio
import json

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.browser.web import DESKTOP, PHONE, axe, log_in, watched_page
from tests.integration.exchange import Exchange
from tests.waiting import wait_until_async

REFUSED = "Failed to load resource"
LOGOUT = "/api/auth/logout"
PERSONAL = ("/api/account", "/api/balances", "/api/orders", "/api/portfolio", "/api/profile")
NO_SOCKET = "WebSocket connection"
_USED = """
() => performance.getEntriesByType("resource")
  .map(({ name }) => new URL(name).pathname).filter((path) => path.startsWith("/assets/"))
"""
"""The app's files that a page has loaded so far."""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_status_and_the_shells_dialogs_have_no_barriers(
    browser: Browser, web_exchange: Exchange, size: tuple[int, int], theme: str
) -> None:
    """The status page, palette, keys and appearance pass axe, and no rule of the page is broken."""
    async with watched_page(
        browser, web_exchange.base, size=size, preferences={"theme": theme}
    ) as watched:
        page = watched.page
        await page.goto("/status")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Status")
        await expect(page.get_by_text("Everything works.")).to_be_visible()
        assert await axe(page) == []
        for key in ("Control+k", "?"):
            await page.keyboard.press(key)
            await expect(page.get_by_role("dialog")).to_be_visible()
            assert await axe(page) == []
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.get_by_role("button", name="Appearance and language").first.click()
        await expect(page.get_by_role("dialog", name="Appearance")).to_be_visible()
        assert await axe(page) == []


async def test_the_palette_finds_markets_and_pages_by_keyboard_alone(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Ctrl-K, some letters, Enter: there one is; the title names the page and its heading has the focus."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await page.goto("/nothing/like/this", wait_until="domcontentloaded")
        watched.wrong.clear()  # the server says 404, as it should
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        await page.keyboard.press("Control+k")
        await page.get_by_placeholder("A market, a page, something to do").fill("stat")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{web_exchange.base}/status")
        await expect(page).to_have_title("Status · CS Exchange")
        await expect(page.get_by_role("heading", level=1)).to_be_focused()
        await page.keyboard.press("Control+k")
        await page.get_by_placeholder("A market, a page, something to do").fill("nova")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{web_exchange.base}/trade/NOVA-USDC")


async def test_appearance_changes_at_once_and_stays(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Theme, contrast and language are on the root element, also after a reload; Arabic turns it around."""
    async with watched_page(
        browser, web_exchange.base, preferences={"theme": "light", "locale": "en"}
    ) as watched:
        page = watched.page
        await page.goto("/status")
        await page.get_by_role("button", name="Appearance and language").first.click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("radio", name="Dark").click()
        await dialog.get_by_role("radio", name="High").click()
        await dialog.get_by_label("Language").select_option("ar")
        root = page.locator("html")
        for _ in range(2):
            await expect(root).to_have_attribute("data-theme", "dark")
            await expect(root).to_have_attribute("data-contrast", "high")
            await expect(root).to_have_attribute("dir", "rtl")
            await page.reload()


async def test_who_logs_out_in_one_tab_is_out_in_all(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The other tab leaves the person's page and keeps none of their answers."""
    async with watched_page(browser, web_exchange.base) as first:
        await log_in(first.page, web_exchange.base, "lena")
        await first.page.goto("/status")
        await expect(first.page.get_by_role("button", name="Account menu")).to_be_visible()
        async with watched_page(browser, web_exchange.base, context=first.page.context) as second:
            await second.page.goto("/status")
            await second.page.get_by_role("button", name="Account menu").click()
            await second.page.get_by_role("menuitem", name="Log out").click()
            await expect(second.page.get_by_role("link", name="Sign up").first).to_be_visible()
            await expect(first.page.get_by_role("link", name="Sign up").first).to_be_visible()
            await expect(first.page).to_have_url(f"{web_exchange.base}/")


async def test_a_menu_opened_while_a_page_comes_stays_open(
    browser: Browser, web_exchange: Exchange
) -> None:
    """A new page's heading takes the focus, which closes what floats: not while somebody uses that."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "mona")
        await page.goto("/status")
        await page.get_by_role("button", name="Account menu").click()
        menu = page.get_by_role("menu")
        await expect(menu).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(menu).to_have_count(0)
        held = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await page.route("**/assets/*.js", hold)
        await page.get_by_role("banner").get_by_role("link", name="Markets").click()
        await page.get_by_role("button", name="Account menu").click()
        await expect(menu).to_be_visible()
        held.set()
        arrived = page.get_by_role("status").filter(has_text="Markets · CS Exchange")
        await expect(arrived).to_be_attached()
        await expect(menu).to_be_visible()
        await menu.get_by_role("menuitem", name="Wallet").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Wallet")


async def test_who_logs_out_is_asked_for_nothing_on_the_way(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Between the press and the exchange's answer no page asks as the person: it would be refused."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "nils")
        await page.goto("/status")
        await page.get_by_role("button", name="Account menu").click()
        asked: list[tuple[str, bool]] = []
        held = asyncio.Event()

        def see(request: Request) -> None:
            path = request.url.removeprefix(web_exchange.base)
            asked.append((path, "authorization" in request.headers))

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await page.route(f"**{LOGOUT}", hold)
        page.on("request", see)
        async with page.expect_request(f"**{LOGOUT}"):
            await page.get_by_role("menuitem", name="Log out").click()
        await expect(
            page.get_by_role("main").get_by_role("link", name="NOVA").first
        ).to_be_visible()
        await expect(page.get_by_role("link", name="Log in")).to_have_count(0)
        held.set()
        await expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
        logout = asked.index((LOGOUT, True))
        assert [path for path, _ in asked[:logout] if path.startswith(PERSONAL)] == []
        assert [path for path, is_persons in asked[logout + 1 :] if is_persons] == []


async def test_the_app_opens_without_a_network_and_keeps_no_answer(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The service worker serves the shell, whose own policy and nonce hold; caches hold the app's files alone."""
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED, NO_SOCKET]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "omid")
        await page.goto("/status")
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        await expect(page.get_by_text("Everything works.")).to_be_visible()
        await page.reload()  # through the worker, so that what the page uses is kept
        await expect(page.get_by_text("Everything works.")).to_be_visible()
        needed = await page.evaluate(_USED)

        async def are_kept() -> bool:
            return {"/", *needed} <= set(await kept_paths(page))

        await wait_until_async(are_kept, what=f"the worker to keep {needed}")
        kept = await kept_paths(page)
        assert [path for path in kept if path.startswith(("/api", "/ws"))] == []
        await page.context.set_offline(True)
        await page.reload()
        await expect(page.get_by_text("You are offline.")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_text("You are offline.")).to_have_count(0)


async def kept_paths(page: Page) -> list[str]:
    """The paths of everything in the caches of the service worker."""
    found = await page.evaluate(
        """async () => JSON.stringify((await Promise.all((await caches.keys()).map(async (name) =>
             (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname)))).flat())"""
    )
    return list(json.loads(found))
