"""The order book on the trade page when nothing comes from the exchange."""

import asyncio
import re

from playwright.async_api import Browser, Page, Route, WebSocketRoute, expect

from tests.browser.market import TRADE, stock
from tests.browser.test_web_trade import row
from tests.browser.web import log_in, watched_page
from tests.integration.exchange import Exchange, place


async def held(page: Page, channel: str) -> asyncio.Event:
    """Keeps back what the page is told of a channel (and of open orders, which it asks for besides) until it is set."""
    late = asyncio.Event()

    async def ask_late(route: Route) -> None:
        await late.wait()
        await route.continue_()

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def tell_late(message: str | bytes) -> None:
            if f'"channel":"{channel}' in str(message):
                await late.wait()
            socket.send(message)

        server.on_message(tell_late)

    await page.route(re.compile(r"/api/orders\?.*status=open"), ask_late)
    await page.route_web_socket(re.compile("/ws$"), connect)
    return late


async def test_a_quiet_book_shows_what_changes_around_it(
    browser: Browser, quoted: Exchange
) -> None:
    """No message comes: own orders are marked however late they are known; sums turn into values when asked to."""
    stock(quoted, "lena")
    with quoted.person("lena") as lena:
        place(lena, "buy", "1.2100", "5.00")
    async with watched_page(browser, quoted.base) as watched:
        page = watched.page
        late = await held(page, "user.orders")
        await log_in(page, quoted.base, "lena", register=False)
        await page.goto(TRADE)
        own = row(page, "bids", "1.2100")
        await expect(own).to_be_visible()
        await expect(own).not_to_have_attribute("data-own", "")
        late.set()
        await expect(own).to_have_attribute("data-own", "")
        await page.get_by_role("button", name="Sum (NOVA)").click()
        await expect(own).to_contain_text("6.05")


async def test_a_coarse_book_tells_the_exact_middle(browser: Browser, quoted: Exchange) -> None:
    """Its rows are rounded, the middle is not: it comes from the best prices, even when they come after the book."""
    with quoted.person("maker") as maker:
        place(maker, "buy", "1.2440", "1.00")
    async with watched_page(browser, quoted.base) as watched:
        page = watched.page
        late = await held(page, "bbo.")
        await page.goto(TRADE)
        await expect(row(page, "bids", "1.2440")).to_be_visible()
        await page.get_by_label("Price step").select_option("0.01")
        await expect(row(page, "bids", "1.2440")).to_have_count(0)
        middle = page.locator("[data-mid]")
        await expect(middle).to_have_text(re.compile("^1.250*$"))
        late.set()
        await expect(middle).to_have_text(re.compile("^1.2520*$"))
