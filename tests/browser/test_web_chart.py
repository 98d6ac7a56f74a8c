"""The chart of the trade page against a real exchange: candles live, own orders moved on it, drawings that stay."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.web import PHONE, Watched, axe, log_in, watched_page
from tests.integration.exchange import Exchange, deposit, get, place

TRADE = "/trade/NOVA-USDC"
# The chart library takes two presses within 500 ms for one double click, wherever they are.
DOUBLE_CLICK_MS = 600


@pytest.fixture(scope="module")
def traded(web_exchange: Exchange) -> Exchange:
    """A market that traded between 1.2200 and 1.2800, last at 1.2500."""
    with web_exchange.person("bob") as bob:
        deposit(bob, "NOVA", "1000", "nova")
        deposit(bob, "USDC", "1000", "usdc")
    for price in ("1.2200", "1.2800", "1.2500"):
        trade(web_exchange, price)
    return web_exchange


def trade(exchange: Exchange, price: str) -> None:
    """One trade at this price, between Bob and Cid."""
    with exchange.person("bob") as bob, exchange.person("cid") as cid:
        deposit(cid, "USDC", "100", f"usdc-{price}")
        place(bob, "sell", price, "10.00")
        place(cid, "buy", price, "10.00")


@asynccontextmanager
async def chart(browser: Browser, exchange: Exchange, **options: Any) -> AsyncIterator[Watched]:
    """The trade page of a person named `name` (nobody without), once its chart shows candles."""
    name = options.pop("name", None)
    async with watched_page(browser, exchange.base, **options) as watched:
        if name is not None:
            await log_in(watched.page, exchange.base, name)
        await watched.page.goto(TRADE)
        await expect(close(watched.page)).not_to_be_empty()
        yield watched


def close(page: Page) -> Locator:
    """What the legend says of the newest candle's end."""
    return page.get_by_test_id("chart-legend").locator("[data-field=close]")


async def test_candles_come_live_and_in_every_interval(browser: Browser, traded: Exchange) -> None:
    """A trade elsewhere moves the newest candle; an interval is chosen and remembered; a table tells the same."""
    async with chart(browser, traded) as watched:
        page = watched.page
        await asyncio.to_thread(trade, traded, "1.2600")
        await expect(close(page)).to_have_text("1.2600")
        intervals = page.get_by_role("radiogroup", name="Interval")
        for interval in ("1s", "4h", "1w", "1m", "1d"):
            await intervals.get_by_role("radio", name=interval, exact=True).click()
            await expect(close(page)).to_have_text("1.2600")
        high = page.get_by_test_id("chart-legend").locator("[data-field=high]")
        await expect(high).to_have_text("1.2800")
        await page.reload()
        await expect(intervals.get_by_role("radio", name="1d", exact=True)).to_be_checked()
        await asyncio.to_thread(trade, traded, "1.2500")
        await expect(close(page)).to_have_text("1.2500")
        await page.get_by_role("button", name="More", exact=True).click()
        await page.get_by_role("menuitem", name="View as table").click()
        row = page.get_by_role("dialog").get_by_role("row").nth(1)
        await expect(row).to_contain_text("1.2800")
        await expect(row).to_contain_text("1.2500")


async def test_the_chart_is_saved_as_a_picture_and_shown_in_full(
    browser: Browser, traded: Exchange
) -> None:
    """A PNG named after what it shows; full screen and back; a date before the first trade says so calmly."""
    async with chart(browser, traded) as watched:
        page = watched.page
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Save as picture").click()
        saved = await download.value
        assert re.fullmatch(r"NOVA-USDC-1m-[0-9T-]+\.png", saved.suggested_filename)
        assert (await saved.path()).read_bytes().startswith(b"\x89PNG")
        await page.get_by_role("button", name="Full screen", exact=True).click()
        await expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
        box = await page.get_by_role("region", name="Chart of NOVA-USDC").bounding_box()
        size = page.viewport_size
        assert box is not None
        assert size is not None
        assert (box["width"], box["height"]) == (size["width"], size["height"])
        await page.get_by_role("button", name="Leave full screen").click()
        await page.get_by_role("button", name="Go to date").click()
        await page.get_by_label("Date and time").fill("2026-01-01T00:00")
        await page.get_by_role("button", name="Go", exact=True).click()
        await expect(page.get_by_text("Nothing traded then")).to_be_visible()
        await page.get_by_role("button", name="Latest").click()
        await expect(close(page)).not_to_be_empty()


async def drag(page: Page, line: Locator, by: int) -> None:
    """Takes an order's line and lets it go so many pixels below."""
    box = await line.bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + by, steps=5)
    await page.mouse.up()


def open_prices(exchange: Exchange, name: str) -> list[str]:
    """Prices of this person's open orders."""
    with exchange.person(name) as person:
        return [each["price"] for each in get(person, "/api/orders")["orders"]]


async def told_price(line: Locator) -> str:
    """The price that a line says it is at."""
    return (await line.get_attribute("aria-valuetext") or "").removesuffix(" USDC")


async def test_an_own_order_is_dragged_amended_and_cancelled(
    browser: Browser, traded: Exchange
) -> None:
    """By the pointer with a question, by keys, refused and put back, and away by its cross."""
    with traded.person("ada") as ada:
        deposit(ada, "USDC", "100", "usdc")
    async with chart(browser, traded, name="ada", allowed=["net::ERR_FAILED"]) as watched:
        page = watched.page
        with traded.person("ada") as ada:
            place(ada, "buy", "1.2400", "5.00")
        line = page.get_by_role("slider", name="Buy limit 5.00 NOVA")
        await expect(line).to_contain_text("1.2400")

        await drag(page, line, 30)
        await expect(page.get_by_role("button", name="Keep", exact=True)).to_be_visible()
        moved = await told_price(line)
        assert moved < "1.2400"
        assert open_prices(traded, "ada") == ["1.2400"], "nothing is sent before it was agreed to"
        await page.get_by_role("button", name="Move", exact=True).click()
        await expect(page.get_by_role("button", name="Keep", exact=True)).to_have_count(0)
        await expect(line).not_to_have_attribute("aria-busy", "true")
        assert open_prices(traded, "ada") == [moved]

        await line.focus()
        await page.keyboard.press("Shift+ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Move", exact=True)).to_be_focused()
        stepped = await told_price(line)
        async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
            await page.keyboard.press("Enter")
        assert open_prices(traded, "ada") == [stepped]
        assert float(stepped) > float(moved)

        await page.route("**/api/orders/*", lambda route: route.abort())
        await drag(page, line, 20)
        await page.get_by_role("button", name="Move", exact=True).click()
        await expect(page.get_by_text("The order was not moved", exact=True)).to_be_visible()
        await expect(line).to_have_attribute("aria-valuetext", f"{stepped} USDC")
        await page.unroute("**/api/orders/*")

        await page.get_by_role("button", name="Cancel Buy limit 5.00 NOVA").click()
        await expect(line).to_have_count(0)
        assert open_prices(traded, "ada") == []


async def test_drawings_stay_and_are_taken_back(browser: Browser, traded: Exchange) -> None:
    """A line drawn with two presses is there after a reload; undo and redo; what cannot be read begins anew."""
    async with chart(browser, traded) as watched:
        page = watched.page
        picture = page.get_by_role("img", name="Chart of NOVA-USDC")
        await page.get_by_role("button", name="Lines", exact=True).click()
        await page.get_by_role("menuitemcheckbox", name="Trend line").click()
        await picture.click(position={"x": 150, "y": 100})
        await page.wait_for_timeout(DOUBLE_CLICK_MS)
        await picture.click(position={"x": 350, "y": 200})
        await expect(page.get_by_role("toolbar", name="Look of the drawing")).to_be_visible()
        await page.keyboard.press("Control+z")
        await expect(remover(page)).to_be_disabled()
        await page.keyboard.press("Control+Shift+z")
        await expect(remover(page)).to_be_enabled()
        await page.reload()
        await expect(remover(page)).to_be_enabled()
        kept = json.loads(await page.evaluate("localStorage.getItem('cse.chart')"))
        assert [each["tool"] for each in kept["markets"]["NOVA-USDC"]["drawings"]] == ["segment"]

        await page.evaluate("localStorage.setItem('cse.chart', '{\"version\": 99}')")
        await page.reload()
        await expect(page.get_by_text("Your saved charts could not be read").first).to_be_visible()
        await expect(remover(page)).to_be_disabled()


def remover(page: Page) -> Locator:
    """The button that removes all drawings: off while there are none."""
    return page.get_by_role("toolbar", name="Drawing tools").get_by_role("button").last


async def test_layouts_are_named_and_chosen(browser: Browser, traded: Exchange) -> None:
    """A layout keeps interval and type, and brings them back."""
    async with chart(browser, traded) as watched:
        page = watched.page
        radio = page.get_by_role("radiogroup", name="Interval").get_by_role("radio", name="4h")
        await radio.click()
        await page.get_by_role("button", name="Layouts: no name").click()
        await page.get_by_role("menuitem", name="Save as a layout").click()
        await page.get_by_label("Name", exact=True).fill("Swing")
        await page.get_by_role("button", name="Save", exact=True).click()
        await page.get_by_role("radio", name="1m", exact=True).click()
        await expect(radio).not_to_be_checked()
        await page.get_by_role("button", name="Layouts: Swing").click()
        await page.get_by_role("menuitemcheckbox", name="Swing", exact=True).click()
        await expect(radio).to_be_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_chart_is_accessible_on_a_phone(
    browser: Browser, traded: Exchange, theme: str
) -> None:
    """At 390 px the chart has candles and its choices, and axe finds nothing."""
    async with chart(browser, traded, size=PHONE, preferences={"theme": theme}) as watched:
        page = watched.page
        await page.get_by_role("combobox", name="Interval").select_option("1h")
        await expect(close(page)).not_to_be_empty()
        assert await axe(page) == []
