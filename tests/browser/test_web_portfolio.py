"""The portfolio in a browser: its numbers are the API's to the digit, its lists add up, its files are whole."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.fit import misfits
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import Exchange, deposit, get, place
from tests.waiting import wait_until_async

SECTIONS = ["overview", "history", "ledger", "statements"]
TRADES = (("1.20", "10", "buy"), ("1.25", "10", "buy"), ("1.30", "15", "sell"))


@pytest.fixture(scope="module")
def ada(web_exchange: Exchange) -> Iterator[httpx.Client]:
    """Ada, who got play money, bought twice and sold some; one order is open. Bob was on the other side."""
    with web_exchange.person("ada") as ada, web_exchange.person("bob") as bob:
        deposit(ada, "USDC", "1000", "ada-1")
        deposit(bob, "NOVA", "500", "bob-1")
        deposit(bob, "USDC", "500", "bob-2")
        for price, quantity, side in TRADES:
            place(bob, "sell" if side == "buy" else "buy", price, quantity)
            place(ada, side, price, quantity)
        place(ada, "sell", "1.40", "2")
        web_exchange.settle()
        yield ada


def printed(decimal: str, *, signed: bool = False) -> str:
    """As the app prints a decimal in English."""
    plus = "+" if signed and Decimal(decimal) > 0 else ""
    whole, point, fraction = decimal.partition(".")
    return f"{plus}{int(whole):,}" + point + fraction


async def saved(page: Page, press: Locator) -> list[dict[str, str]]:
    """Presses a button that saves a CSV; returns its rows."""
    async with page.expect_download() as download:
        await press.click()
    return rows_of(Path(await (await download.value).path()))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def row(page: Page, table: str, name: str) -> Locator:
    return (
        page.get_by_role("table", name=table, exact=True).get_by_role("row").filter(has_text=name)
    )


def of(portfolio: Any, symbol: str) -> Any:
    [found] = [each for each in portfolio["assets"] if each["asset"] == symbol]
    return found


async def test_the_numbers_are_the_apis_to_the_digit(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client
) -> None:
    """Totals and holdings say what GET /api/portfolio says, by FIFO and after a press by average cost."""
    told = {method: get(ada, "/api/portfolio", method=method) for method in ("fifo", "average")}
    assert of(told["fifo"], "NOVA")["cost_basis"] != of(told["average"], "NOVA")["cost_basis"]
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ada", register=False)
        await page.goto("/portfolio")
        for method, label in (("fifo", "FIFO"), ("average", "Average")):
            await page.get_by_role("radio", name=label).click()
            total, nova = told[method]["total"], of(told[method], "NOVA")
            summary = page.get_by_role("region", name="Value and profit")
            await expect(summary).to_contain_text(f"{printed(total['value'])} USDC")
            for name in ("profit", "unrealised", "realised"):
                await expect(summary).to_contain_text(printed(total[name], signed=True))
            await expect(summary).to_contain_text(f"{printed(total['fees_value'])} USDC")
            holding = row(page, "Holdings", "NOVA")
            for name in ("quantity", "average_cost", "last_price", "value"):
                await expect(holding).to_contain_text(printed(nova[name]))
            await expect(holding).to_contain_text(printed(nova["unrealised"], signed=True))
            earned = row(page, "Earned, asset by asset", "NOVA")
            await expect(earned).to_contain_text(printed(nova["realised"], signed=True))
        await page.get_by_role("button", name="How is this counted?").click()
        await expect(page.get_by_role("dialog")).to_contain_text("cost of what you still have.")


async def test_the_chart_has_the_same_points_as_its_table(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client
) -> None:
    """The line is drawn for the range that was chosen; as a table it has the API's points, the newest first."""
    history = get(ada, "/api/portfolio/history", range="1d")
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ada", register=False)
        await page.goto("/portfolio")
        await page.get_by_role("radio", name="1d").click()
        chart = page.get_by_role("region", name="Value over time")
        await expect(chart).to_contain_text(f"{printed(history['points'][-1]['value'])} USDC")
        await expect(chart.get_by_role("link", name="TradingView")).to_be_visible()
        await chart.get_by_role("button", name="As table").click()
        rows = chart.get_by_role("row")
        await expect(rows).to_have_count(len(history["points"]) + 1)
        await expect(rows.nth(1)).to_contain_text(printed(history["points"][-1]["net_deposits"]))
        movers = page.get_by_role("region", name="What made it move")
        for mover in history["movers"]:
            if Decimal(mover["profit"]):
                await expect(movers).to_contain_text(printed(mover["profit"], signed=True))
        await page.reload()
        await expect(page.get_by_role("radio", name="1d")).to_be_checked()


INKED = """
(element) => [...element.querySelectorAll("canvas")].some((canvas) =>
  canvas.width > 0 && new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size > 8)
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_line_is_drawn_and_read_at_the_pointer(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client, theme: str
) -> None:
    """An account of some hours (its points are put before the real one) has a line; the pointer reads exact numbers."""
    history = get(ada, "/api/portfolio/history", range="1d")
    last = history["points"][-1]
    older = [
        {
            "time": last["time"] - number * 900_000,
            "value": f"{980 + number}.123456",
            "net_deposits": "1000.000000",
            "profit": f"-{20 - number - 1}.876544",
        }
        for number in range(19, 0, -1)
    ]
    answer = {**history, "points": [*older, last]}
    async with watched_page(browser, web_exchange.base, preferences={"theme": theme}) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ada", register=False)
        await page.route("**/api/portfolio/history?*", lambda route: route.fulfill(json=answer))
        await page.goto("/portfolio")
        chart = page.get_by_role("img", name="Value over time")
        await expect(chart).to_be_visible()
        readout = page.get_by_role("region", name="Value over time")
        await expect(readout).to_contain_text(printed(last["value"]))
        box = await chart.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 40, box["y"] + 80)
        await expect(readout).to_contain_text("99")
        await expect(readout).not_to_contain_text(printed(last["value"]))
        read = (await readout.inner_text()).replace(",", "")
        assert any(
            f"{point['value']} USDC" in read and point["profit"] in read for point in older[:4]
        )
        await wait_until_async(lambda: chart.evaluate(INKED), what="the line to be drawn")
        assert await axe(page) == []


async def test_lists_are_whole_and_files_have_every_line(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client
) -> None:
    """Fills, closed orders and the ledger are listed, filtered and saved; the ledger adds up to the balances."""
    fills = get(ada, "/api/fills")["fills"]
    balances = get(ada, "/api/balances")["balances"]
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ada", register=False)
        await page.goto("/portfolio/history")
        save = page.get_by_role("button", name="Save as CSV")
        rows = page.get_by_role("table", name="Fills").get_by_role("row")
        await expect(rows).to_have_count(len(fills) + 1)
        await expect(rows.nth(1)).to_contain_text(printed(fills[0]["quote_amount"]))
        assert [line["trade_id"] for line in await saved(page, save)] == [
            str(fill["trade_id"]) for fill in fills
        ]
        await page.get_by_role("combobox", name="Market").select_option("ECHO-USDC")
        await expect(page.get_by_text("No trades yet")).to_be_visible()
        await page.get_by_role("combobox", name="Market").select_option("NOVA-USDC")
        await page.get_by_role("radio", name="Closed orders").click()
        orders = page.get_by_role("table", name="Closed orders").get_by_role("row")
        await expect(orders).to_have_count(len(TRADES) + 1)
        assert len(await saved(page, save)) == len(TRADES) + 1, "the open one is in the file"

        await page.get_by_role("link", name="Ledger").click()
        ledger = page.get_by_role("table", name="Ledger")
        await expect(ledger).to_contain_text("Set aside for an order")
        await expect(ledger).to_contain_text("Deposit")
        lines = await saved(page, save)
        for balance in balances:
            moved = sum(Decimal(x["amount"]) for x in lines if x["asset"] == balance["asset"])
            assert moved == Decimal(balance["available"]) + Decimal(balance["held"])
        await page.get_by_role("combobox", name="Asset").select_option("NOVA")
        mine = [line for line in lines if line["asset"] == "NOVA"]
        await expect(ledger.get_by_role("row")).to_have_count(len(mine) + 1)


async def test_statements_add_up_in_view(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client
) -> None:
    """This month's statement ends with the balances and says that it adds up; the tax report has the sale's gain."""
    portfolio = get(ada, "/api/portfolio")
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "ada", register=False)
        await page.goto("/portfolio/statements")
        for asset in portfolio["assets"]:
            part = page.get_by_role("region", name=asset["asset"], exact=True)
            closing = printed(asset["quantity"])
            await expect(part.get_by_role("row", name="Closing balance")).to_contain_text(closing)
            told = f"Adds up to the unit: {closing} {asset['asset']}"
            await expect(part.get_by_text(told)).to_be_visible()
        await page.get_by_role("radio", name="Custom").click()
        await expect(page.get_by_text("Choose the first and the last day.")).to_be_visible()
        await page.get_by_label("First day (UTC)").fill("2020-02-02")
        await page.get_by_label("Last day (UTC)").fill("2020-02-01")
        await expect(page.get_by_text("The last day is before the first one.")).to_be_visible()
        await page.get_by_label("Last day (UTC)").fill("2020-02-02")
        await expect(page.get_by_text("Nothing in this time")).to_be_visible()

        await page.get_by_role("button", name="Show the sums").click()
        realised = portfolio["total"]["realised"]
        await expect(row(page, "Tax report", "Sales")).to_contain_text(
            printed(realised, signed=True)
        )
        lines = await saved(page, page.get_by_role("button", name="Save as CSV"))
        assert sum(Decimal(line["gain"]) for line in lines) == Decimal(realised)


@pytest.mark.parametrize("section", SECTIONS)
async def test_every_part_fits_a_phone_and_serves_everybody(
    browser: Browser, web_exchange: Exchange, ada: httpx.Client, section: str
) -> None:
    """No sideways scrolling at 390 px and no finding of axe, in light and in dark."""
    for theme in ("light", "dark"):
        async with watched_page(
            browser, web_exchange.base, size=PHONE, preferences={"theme": theme}
        ) as watched:
            page = watched.page
            await log_in(page, web_exchange.base, "ada", register=False)
            await page.goto(f"/portfolio/{section}")
            await expect(page.get_by_text("NOVA").locator("visible=true").first).to_be_visible()
            assert await misfits(page) == []
            assert await axe(page) == []


async def test_who_has_nothing_is_told_where_to_begin(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Without any money the page says why it is empty, and leads to the wallet; the lists say what will be in them."""
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "newcomer")
        await page.goto("/portfolio/ledger")
        await expect(page.get_by_text("No movements yet")).to_be_visible()
        await page.goto("/portfolio")
        await expect(page.get_by_text("You have no money here yet")).to_be_visible()
        assert await axe(page) == []
        await page.get_by_role("link", name="Get play money").click()
        await page.wait_for_url("**/wallet")
