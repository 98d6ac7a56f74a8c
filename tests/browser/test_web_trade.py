"""The terminal against a real exchange: order types, book, amending, cancelling, fills, halts, a killed server."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.fit import misfits
from tests.browser.market import MARKET, TRADE, quote, stock
from tests.browser.web import PHONE, TABLET, Watched, axe, log_in, watched_page
from tests.integration.exchange import Exchange, deposit, get, place
from tests.servers.process import free_port


@asynccontextmanager
async def terminal(
    browser: Browser, exchange: Exchange, name: str | None = None, **options: Any
) -> AsyncIterator[Watched]:
    """The trade page of a person, once its book is there; orders are sent without asking."""
    preferences = {"theme": "dark", "confirmOrders": False} | options.pop("preferences", {})
    async with watched_page(browser, exchange.base, preferences=preferences, **options) as watched:
        if name is not None:
            await log_in(watched.page, exchange.base, name)
        await watched.page.goto(TRADE)
        await expect(watched.page.get_by_test_id("price-now")).to_contain_text("1.2")
        yield watched


def row(page: Page, side: str, price: str) -> Locator:
    """The row of the book that shows this price; `side` is asks or bids."""
    return page.locator(f"[data-side={side}]").get_by_role("option").filter(has_text=price)


async def write(page: Page, kind: str, side: str, **fields: str) -> None:
    """Fills in the ticket: the kind of order, the side, the fields by name."""
    ticket = page.get_by_role("form", name="Order ticket")
    await ticket.get_by_role("radio", name=side, exact=True).click()
    await ticket.get_by_role("radio", name=kind, exact=True).click()
    for name, value in fields.items():
        await ticket.locator(f"[data-field={name}]").fill(value)


async def send(page: Page, label: str) -> None:
    """Presses the button; returns when the exchange has answered and the ticket has taken that in."""
    async with page.expect_response(
        lambda answer: answer.url.endswith("/api/orders") and answer.request.method == "POST"
    ) as sent:
        await page.get_by_role("button", name=label, exact=True).click()
    assert (await sent.value).ok, await (await sent.value).text()
    await expect(
        page.get_by_role("form", name="Order ticket").locator("[aria-busy=true]")
    ).to_have_count(0)


def orders_of(exchange: Exchange, name: str) -> list[dict[str, Any]]:
    """This person's open orders, newest first."""
    with exchange.person(name) as person:
        listed: list[dict[str, Any]] = get(person, "/api/orders")["orders"]
        return listed


async def test_every_order_type_is_placed(browser: Browser, quoted: Exchange) -> None:
    """Limit, market by amount and by total, stop-loss and take-profit with and without a limit."""
    stock(quoted, "tina")
    async with terminal(browser, quoted, "tina") as watched:
        page = watched.page
        await write(page, "Limit", "Buy", price="1.2000", amount="10")
        await send(page, "Buy NOVA")
        await write(page, "Market", "Sell", amount="1")
        await send(page, "Sell NOVA")
        await write(page, "Market", "Buy")
        await page.get_by_role("radiogroup", name="Amount counted in").get_by_text("USDC").click()
        await page.locator("[data-field=amount]").fill("5")
        await send(page, "Buy NOVA")
        await page.get_by_role("radiogroup", name="Amount counted in").get_by_text("NOVA").click()
        await write(page, "Stop-loss", "Sell", trigger="1.2000", amount="2")
        await send(page, "Sell NOVA")
        await page.get_by_role("radio", name="At a limit").click()
        await write(page, "Stop-loss", "Sell", trigger="1.2000", price="1.1900", amount="3")
        await send(page, "Sell NOVA")
        await write(page, "Take-profit", "Sell", trigger="1.4000", price="1.4000", amount="4")
        await send(page, "Sell NOVA")
        await page.get_by_role("radio", name="At the market").click()
        await write(page, "Take-profit", "Sell", trigger="1.4000", amount="5")
        await send(page, "Sell NOVA")
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("5")
        placed = [(each["type"], each["quantity"]) for each in orders_of(quoted, "tina")]
        assert placed == [
            ("take_profit", "5.00"),
            ("take_profit_limit", "4.00"),
            ("stop_loss_limit", "3.00"),
            ("stop_loss", "2.00"),
            ("limit", "10.00"),
        ]
        assert await axe(page) == []


async def test_an_own_order_is_marked_amended_cancelled_and_filled(
    browser: Browser, quoted: Exchange
) -> None:
    """It shows in the book with a mark; its price is changed in its place; another fills it; all are cancelled."""
    stock(quoted, "olga", "fred")
    async with terminal(browser, quoted, "olga") as watched:
        page = watched.page
        await write(page, "Limit", "Buy", price="1.2410", amount="10")
        await send(page, "Buy NOVA")
        await expect(row(page, "bids", "1.2410")).to_have_attribute("data-own", "")
        await expect(row(page, "bids", "1.2400")).not_to_have_attribute("data-own", "")

        await page.get_by_role("button", name="Change the price 1.2410").click()
        await page.get_by_role("textbox", name="New price").fill("1.2420")
        await page.keyboard.press("Enter")
        await expect(row(page, "bids", "1.2420")).to_have_attribute("data-own", "")
        await expect(row(page, "bids", "1.2410")).to_have_count(0)

        def fill() -> None:
            with quoted.person("fred") as fred:
                place(fred, "sell", "1.2420", "4.00")

        await asyncio.to_thread(fill)
        await expect(page.get_by_text("Bought 4.00 NOVA", exact=True)).to_be_visible()
        panel = page.get_by_role("region", name="Your orders and balances")
        await expect(panel.get_by_role("cell", name="4.00", exact=True)).to_be_visible()
        await page.get_by_role("tab", name="Fills").click()
        await expect(page.get_by_role("cell", name="Maker")).to_be_visible()
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Save as CSV").click()
        assert "NOVA-USDC" in (await (await saved.value).path()).read_text(encoding="utf-8")
        await page.get_by_role("tab", name="Balances").click()
        nova = page.get_by_role("row").filter(has=page.get_by_role("cell", name="NOVA", exact=True))
        await expect(nova).to_contain_text("1,003.99")

        await page.get_by_role("tab", name="Open orders").click()
        await page.get_by_role("button", name="Cancel all", exact=True).click()
        await page.get_by_role("button", name="Cancel 1 order").click()
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("0")
        await expect(row(page, "bids", "1.2420")).to_have_count(0)
        assert orders_of(quoted, "olga") == []


async def test_what_is_typed_while_an_order_is_sent_is_for_the_next_one(
    browser: Browser, quoted: Exchange
) -> None:
    """The answer empties the amount that was sent, not the one that stands there by then."""
    stock(quoted, "nell")
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    async with terminal(browser, quoted, "nell") as watched:
        page = watched.page
        amount = page.locator("[data-field=amount]")
        await page.route("**/api/orders", hold)
        await write(page, "Limit", "Buy", price="1.2000", amount="10")
        async with page.expect_response(lambda answer: answer.request.method == "POST"):
            await page.get_by_role("button", name="Buy NOVA", exact=True).click()
            await amount.fill("25")
            held.set()
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("1")
        await send(page, "Buy NOVA")
        await expect(amount).to_have_value("")
        placed = [each["quantity"] for each in orders_of(quoted, "nell")]
        assert placed == ["25.00", "10.00"]


async def test_the_book_fills_the_ticket_and_says_what_is_missing(
    browser: Browser, quoted: Exchange
) -> None:
    """A press takes the price, with Shift the sum; coarser steps; too little money is told to the unit."""
    with quoted.person("paul") as paul, quoted.person("maker") as maker:
        deposit(paul, "USDC", "120", "usdc")
        place(maker, "sell", "1.2655", "1.00")
    async with terminal(browser, quoted, "paul") as watched:
        page = watched.page
        price = page.locator("[data-field=price]")
        amount = page.locator("[data-field=amount]")
        await row(page, "bids", "1.2400").click()
        await expect(price).to_have_value("1.2400")
        await expect(amount).to_have_value("")
        await row(page, "asks", "1.2600").click(modifiers=["Shift"])
        await expect(price).to_have_value("1.2600")
        await expect(amount).not_to_have_value("")
        await amount.fill("100")
        said = "Not enough USDC: you have 120.000000, this needs 126.000000."
        await expect(page.get_by_text(said).first).to_be_visible()
        await expect(page.get_by_role("button", name="Buy NOVA", exact=True)).to_have_attribute(
            "aria-disabled", "true"
        )
        await page.get_by_label("Price step").select_option("0.01")
        await expect(row(page, "asks", "1.2700")).to_be_visible()
        await expect(row(page, "asks", "1.2655")).to_have_count(0)


async def test_the_keyboard_alone_places_an_order(browser: Browser, quoted: Exchange) -> None:
    """Keys choose side and amount, a row of the book gives the price, Enter sends; a question is asked first."""
    stock(quoted, "kim")
    async with terminal(browser, quoted, "kim", preferences={"confirmOrders": True}) as watched:
        page = watched.page
        await row(page, "bids", "1.2400").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-field=price]")).to_have_value("1.2400")
        await page.keyboard.press("b")
        await expect(page.locator("[data-field=amount]")).to_be_focused()
        await page.keyboard.type("7")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Send this order?")).to_be_visible()
        assert await axe(page) == []
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("1")
        await page.keyboard.press("Shift+C")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("NOVA-USDC")
        await dialog.get_by_role("button", name="Cancel 1 order").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("0")
        await expect(dialog).to_have_count(0)
        await page.keyboard.press("/")
        await page.keyboard.type("lumen")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{quoted.base}/trade/LUMEN-USDC")


@pytest.mark.parametrize(("opener", "part"), [("/", "popover-open-"), ("Control+k", "palette-")])
async def test_what_is_typed_before_a_search_is_there_is_for_it(
    browser: Browser, quoted: Exchange, opener: str, part: str
) -> None:
    """Letters that are keys of the ticket, too, change nothing there: the search gets them, and its Enter."""
    typed = asyncio.Event()

    async def late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    blocked = {"service_workers": "block", "allowed": ["Service Worker registration blocked"]}
    async with terminal(browser, quoted, **blocked) as watched:
        page = watched.page
        await page.route(f"**/assets/{part}*.js", late)
        await page.keyboard.press(opener)
        for key in ("x", "Backspace", "l", "u", "m", "Enter"):
            await page.keyboard.press(key)
        market = page.get_by_role("radio", name="Market", exact=True)
        await expect(market).not_to_be_checked()
        typed.set()
        await expect(page).to_have_url(f"{quoted.base}/trade/LUMEN-USDC")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_visitors_look_at_everything(browser: Browser, quoted: Exchange) -> None:
    """Nobody is logged in: book, tape and ticket are there, the ticket invites; the title carries the price."""
    async with terminal(browser, quoted) as watched:
        page = watched.page
        await expect(row(page, "bids", "1.2400")).to_be_visible()
        await write(page, "Limit", "Buy", price="1.2400", amount="10")
        await expect(page.get_by_text("12.400000")).to_be_visible()
        invite = page.get_by_role("form", name="Order ticket").get_by_role("link", name="Log in")
        await expect(invite).to_have_attribute("href", "/login?next=%2Ftrade%2FNOVA-USDC")
        await expect(page).to_have_title(re.compile(r"^1\.2\d{3} · NOVA/USDC · CS Exchange$"))
        await page.get_by_role("tab", name="Depth").click()
        assert await axe(page) == []


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
async def test_small_windows_trade_too(
    browser: Browser, quoted: Exchange, size: tuple[int, int]
) -> None:
    """One or two columns: a tap on the book opens the ticket with the price; nothing is wider than the window."""
    name = f"pia{size[0]}"
    stock(quoted, name)
    async with terminal(browser, quoted, name, size=size, has_touch=True) as watched:
        page = watched.page
        bar = page.get_by_role("navigation", name="Parts of the terminal")
        book = (
            bar.get_by_role("button", name="Book")
            if size == PHONE
            else page.get_by_role("tab", name="Book")
        )
        await book.click()
        await row(page, "bids", "1.2400").tap()
        await expect(page.locator("[data-field=price]")).to_have_value("1.2400")
        await page.locator("[data-field=amount]").fill("3")
        assert await axe(page) == []
        await send(page, "Buy NOVA")
        if size == PHONE:
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await bar.get_by_role("button", name="Orders").click()
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("1")
        assert await axe(page) == []
        assert await misfits(page) == []


@pytest.fixture
def own_exchange(built_app: None, tmp_path: Path) -> Iterator[Exchange]:
    """An exchange of this test's own on a port that stays, with a market that has a price."""
    with Exchange(tmp_path, "--no-bots", "--port", str(free_port())) as exchange:
        quote(exchange)
        yield exchange


async def test_the_page_heals_after_the_server_was_killed(
    browser: Browser, own_exchange: Exchange
) -> None:
    """Killed and started again: the book, the own orders and trading come back without a reload."""
    stock(own_exchange, "rita")
    gone = [
        "ERR_CONNECTION_REFUSED",
        "WebSocket",
        "ERR_EMPTY_RESPONSE",
        "ERR_CONNECTION_RESET",
        "50",
    ]
    async with terminal(browser, own_exchange, "rita", allowed=gone) as watched:
        page = watched.page
        await write(page, "Limit", "Buy", price="1.2300", amount="10")
        await send(page, "Buy NOVA")
        await expect(row(page, "bids", "1.2300")).to_have_attribute("data-own", "")
        await asyncio.to_thread(own_exchange.kill)
        await expect(page.get_by_text("Catching up …")).to_be_visible()
        await asyncio.to_thread(own_exchange.start)
        await expect(page.get_by_text("Catching up …")).to_have_count(0, timeout=60_000)
        await expect(row(page, "bids", "1.2300")).to_have_attribute("data-own", "")

        def outbid() -> None:
            with own_exchange.person("maker") as maker:
                place(maker, "buy", "1.2450", "1.00")

        await asyncio.to_thread(outbid)
        await expect(row(page, "bids", "1.2450")).to_be_visible()
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("1")
        await write(page, "Limit", "Sell", price="1.2700", amount="1")
        await send(page, "Sell NOVA")
        await expect(page.get_by_role("tab", name="Open orders")).to_contain_text("2")


async def test_a_halt_is_unmistakable(browser: Browser, own_exchange: Exchange) -> None:
    """Halted by staff: a banner, and the ticket says why nothing can be sent."""
    stock(own_exchange, "hana")
    with own_exchange.person("boss"):
        words = ["admin", "grant", "boss@example.com", "admin", "--reason", "test"]
        command = [
            sys.executable,
            "-m",
            "cse.cli",
            *words,
            "--data-dir",
            str(own_exchange.data_dir),
        ]
        granted = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False
        )
        assert granted.returncode == 0, granted.stderr
    async with terminal(browser, own_exchange, "hana") as watched:
        page = watched.page
        await write(page, "Limit", "Buy", price="1.2400", amount="10")
        with own_exchange.person("boss") as boss:
            body = {"status": "halted", "reason": "incident"}
            halted = boss.post(f"/api/admin/markets/{MARKET}/status", json=body)
            assert halted.is_success, halted.text
        await expect(page.get_by_role("alert").filter(has_text="is halted")).to_be_visible()
        await expect(
            page.get_by_text("NOVA-USDC is halted: wait until it opens again.")
        ).to_be_visible()
        button = page.get_by_role("button", name="Buy NOVA", exact=True)
        await expect(button).to_have_attribute("aria-disabled", "true")
        assert await axe(page) == []
