"""Somebody who has never seen it: from the home page to a filled order, a checked result and a programmatic key.

One story in the pages alone: sign up, an authenticator, log in with it, find a market, get play money, place an
order, see it in the book and on the chart, move it there, cancel it, place it again and have it filled by somebody
else, see balance and profit, live through a killed server, make a key.
"""

import asyncio
import re
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from cse.users.totp import code_at
from tests.browser.web import watched_page
from tests.integration.exchange import PASSWORD, Exchange, deposit, place
from tests.servers.process import free_port

# What Chromium says of a server that is gone for a moment, and of the log-in that wants its second factor.
GONE = ["401", "502", "503", "ERR_", "WebSocket"]


@pytest.fixture
def exchange(built_app: None, tmp_path: Path) -> Iterator[Exchange]:
    """An exchange on a port that stays over restarts, with a market that somebody quotes."""
    with Exchange(tmp_path, "--no-bots", "--port", str(free_port())) as running:
        with running.person("maker") as maker, running.person("taker") as taker:
            for person in (maker, taker):
                deposit(person, "NOVA", "1000", "nova")
                deposit(person, "USDC", "1000", "usdc")
            for price in ("1.2200", "1.2800", "1.2500"):
                place(maker, "sell", price, "10.00")
                place(taker, "buy", price, "10.00")
            place(maker, "sell", "1.2600", "100.00")
            place(maker, "buy", "1.2400", "100.00")
        yield running


async def sign_up(page: Page) -> None:
    """From the home page to a page of one's own."""
    await page.goto("/")
    await page.get_by_role("link", name="Sign up").first.click()
    await page.get_by_role("textbox", name="E-mail").fill("nina@example.com")
    await page.get_by_label("Handle").fill("nina")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="Sign up").click()
    await page.wait_for_url("**/markets")


async def set_up_authenticator(page: Page) -> str:
    """In the account's pages, found by the menu; returns the authenticator's secret."""
    await page.get_by_role("button", name="Account menu").click()
    await page.get_by_role("menuitem", name="Account").click()
    await page.get_by_role("link", name="Security").click()
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    shown = await page.get_by_text("Or type this key:").locator("..").locator("bdi").inner_text()
    secret = shown.replace(" ", "")
    await page.get_by_label("Code", exact=True).fill(await code(page, secret))
    await page.get_by_role("button", name="Turn it on").click()
    codes = page.get_by_role("dialog")
    await codes.get_by_role("checkbox").check()
    await codes.get_by_role("button", name="Done").click()
    return secret


async def code(page: Page, secret: str, step: int = 0) -> str:
    """The authenticator's code of now, or so many steps later (a code is good once)."""
    seconds = await page.evaluate("Math.floor(Date.now() / 1000)")
    return code_at(b32decode(secret), int(seconds) // 30 + step)


async def log_in_again(page: Page, secret: str) -> None:
    """Out, and in with the second factor."""
    await page.get_by_role("button", name="Account menu").click()
    await page.get_by_role("menuitem", name="Log out").click()
    await page.get_by_role("link", name="Log in").first.click()
    await page.get_by_role("textbox", name="E-mail").fill("nina@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    await page.get_by_label("Code of your authenticator").fill(await code(page, secret, step=1))
    await page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    await page.wait_for_url("**/markets")


async def get_play_money(page: Page) -> None:
    """In the wallet, found by the menu."""
    await page.get_by_role("button", name="Account menu").click()
    await page.get_by_role("menuitem", name="Wallet").click()
    await page.get_by_role("main").get_by_label("Amount").fill("500")
    await page.get_by_role("button", name="Get play money").click()
    await expect(page.get_by_role("row", name=re.compile("^USDC"))).to_contain_text("500")


async def order(page: Page, price: str, amount: str) -> None:
    """A limit order to buy, through the ticket."""
    ticket = page.get_by_role("form", name="Order ticket")
    await ticket.locator("[data-field=price]").fill(price)
    await ticket.locator("[data-field=amount]").fill(amount)
    async with page.expect_response(
        lambda answer: answer.url.endswith("/api/orders") and answer.request.method == "POST"
    ) as sent:
        await page.get_by_role("button", name="Buy NOVA", exact=True).click()
    assert (await sent.value).status == 201, await (await sent.value).text()


def line_of(page: Page) -> Locator:
    """The own order's line on the chart."""
    return page.get_by_role("slider", name="Buy limit 10.00 NOVA")


async def move_and_cancel(page: Page) -> None:
    """An order in the book and on the chart: moved there by the keyboard, cancelled by its cross."""
    await order(page, "1.2300", "10")
    own = page.locator("[data-side=bids]").get_by_role("option").filter(has_text="1.2300")
    await expect(own).to_have_attribute("data-own", "")
    line = line_of(page)
    await expect(line).to_contain_text("1.2300")
    await line.focus()
    await page.keyboard.press("ArrowUp")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH") as moved:
        await page.keyboard.press("Enter")
    assert (await moved.value).ok
    await expect(line).to_contain_text("1.2301")
    await page.get_by_role("button", name="Cancel Buy limit 10.00 NOVA").click()
    await expect(line).to_have_count(0)


async def is_filled_over_a_restart(page: Page, exchange: Exchange) -> None:
    """The server is killed while the order rests; back again, somebody sells, and fill and holding tell of it."""
    line = line_of(page)
    await order(page, "1.2450", "10")
    await asyncio.to_thread(exchange.kill)
    await expect(page.get_by_text("Catching up …").first).to_be_visible()
    await asyncio.to_thread(exchange.start)
    await expect(page.get_by_text("Catching up …")).to_have_count(0, timeout=60_000)
    await expect(line).to_contain_text("1.2450")

    def sell() -> None:
        with exchange.person("maker") as maker:
            place(maker, "sell", "1.2450", "10.00")

    await asyncio.to_thread(sell)
    await expect(line).to_have_count(0)
    await page.get_by_role("tab", name="Fills").click()
    fills = page.get_by_role("region", name="Your orders and balances")
    await expect(fills.get_by_role("row").filter(has_text="1.2450")).to_contain_text("10.00")
    await page.get_by_role("link", name="Portfolio").first.click()
    holding = page.get_by_role("row").filter(has_text="NOVA")
    await expect(holding.first).to_contain_text("9.99")


async def make_a_key(page: Page) -> None:
    """The way to a program."""
    await page.goto("/account/keys")
    await page.get_by_role("button", name="Make a key").first.click()
    dialog = page.get_by_role("dialog", name="Make a key")
    await dialog.get_by_label("Name").fill("my bot")
    await dialog.get_by_role("button", name="Make it").click()
    await expect(page.locator("pre")).to_contain_text("/api/balances")


async def test_a_newcomer_trades_and_finds_the_way_to_a_key(
    browser: Browser, exchange: Exchange
) -> None:
    """Everything by what the pages say; nothing is read, nothing is called behind the pages but the second trader."""
    preferences = {"theme": "light", "confirmOrders": False}
    async with watched_page(
        browser, exchange.base, preferences=preferences, allowed=GONE
    ) as watched:
        page = watched.page
        await sign_up(page)
        secret = await set_up_authenticator(page)
        await log_in_again(page, secret)
        await get_play_money(page)

        await page.get_by_role("link", name="Markets").first.click()
        await page.get_by_role("searchbox").fill("nova")
        await page.get_by_role("row").filter(has_text="NOVA").click()
        await page.wait_for_url("**/trade/NOVA-USDC")
        await expect(page.get_by_test_id("price-now")).to_contain_text("1.2500")

        await move_and_cancel(page)
        await is_filled_over_a_restart(page, exchange)
        await make_a_key(page)
