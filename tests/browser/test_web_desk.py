"""The desk around the chart: panels and layouts, lists and their columns, depth, indicators, the market's choice."""

import re
from decimal import Decimal

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.market import MARKET, stock
from tests.browser.test_web_trade import send, terminal, write
from tests.browser.web import at_rest, axe
from tests.integration.exchange import Exchange, get
from tests.waiting import wait_until_async


def below(page: Page) -> Locator:
    """The panel with orders, fills and balances."""
    return page.get_by_role("region", name="Your orders and balances")


async def width(page: Page) -> int:
    """What the line beside the order book says that it leaves to it, pixels."""
    line = page.get_by_role("separator", name="Width of the order book")
    return int(await line.get_attribute("aria-valuenow") or "0")


async def wait_for_width(page: Page, wanted: int) -> None:
    """Pixels are rounded on the way: one more or less is the same."""

    async def is_so() -> bool:
        return abs(await width(page) - wanted) <= 1

    await wait_until_async(is_so, what=f"a width of {wanted} px")


async def layout(page: Page, choice: str) -> None:
    """Picks from the menu of layouts."""
    await page.get_by_role("button", name="Layout", exact=True).click()
    await page.get_by_role("menuitem", name=choice, exact=True).click()
    await expect(page.get_by_role("menuitem")).to_have_count(0)


async def test_panels_are_resized_and_the_layout_is_saved(
    browser: Browser, quoted: Exchange
) -> None:
    """By the pointer and by keys; saved as one's own it comes back after a ready-made one, also after a reload."""
    async with terminal(browser, quoted) as watched:
        page = watched.page
        line = page.get_by_role("separator", name="Width of the order book")
        await at_rest(page)
        begun = await width(page)
        box = await line.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"], box["y"] + 100)
        await page.mouse.down()
        await page.mouse.move(box["x"] - 60, box["y"] + 100, steps=4)
        await page.mouse.up()
        await wait_for_width(page, begun + 60)
        await line.focus()
        await page.keyboard.press("Shift+ArrowLeft")
        await wait_for_width(page, begun + 140)
        own = await width(page)
        await layout(page, "Save as my layout")
        await layout(page, "Chart")
        await expect(line).not_to_have_attribute("aria-valuenow", str(own))
        await page.reload()
        await layout(page, "My layout")
        await expect(line).to_have_attribute("aria-valuenow", str(own))
        await layout(page, "Wide")
        await expect(below(page).get_by_role("button", name="Unfold the panel")).to_be_visible()


async def test_lists_have_the_columns_that_were_chosen(browser: Browser, quoted: Exchange) -> None:
    """History, fills and balances of this market or of all; a column that is put away stays away after a reload."""
    stock(quoted, "cora")
    async with terminal(browser, quoted, "cora") as watched:
        page = watched.page
        await write(page, "Limit", "Buy", price="1.2600", amount="3")
        await send(page, "Buy NOVA")
        await below(page).get_by_role("tab", name="History").click()
        done = below(page).get_by_role("row").filter(has_text="1.2600")
        await expect(done).to_contain_text("Filled")
        await below(page).get_by_role("tab", name="Fills").click()
        await expect(below(page).get_by_role("row").filter(has_text="1.2600")).to_be_visible()
        await expect(below(page).get_by_role("columnheader", name="Role")).to_be_visible()
        await below(page).get_by_role("button", name="Columns").click()
        await page.get_by_role("menuitemcheckbox", name="Role").click()
        await expect(below(page).get_by_role("columnheader", name="Role")).to_have_count(0)
        await page.reload()
        await expect(below(page).get_by_role("row").filter(has_text="1.2600")).to_be_visible()
        await expect(below(page).get_by_role("columnheader", name="Role")).to_have_count(0)
        await below(page).get_by_role("tab", name="Balances").click()
        with quoted.person("cora") as client:
            held = {
                row["asset"]: row["available"] for row in get(client, "/api/balances")["balances"]
            }
        for asset in ("NOVA", "USDC"):
            row = below(page).get_by_role("row").filter(has_text=asset)
            digits = re.sub(r"[^\d.]", "", await row.get_by_role("cell").nth(1).inner_text())
            assert Decimal(digits) == Decimal(held[asset])
        assert await axe(page) == []


async def test_the_ticket_counts_shares_and_refuses_what_would_trade(
    browser: Browser, quoted: Exchange
) -> None:
    """A share of the balance is an amount in whole lots; post-only where it would trade is refused with words."""
    stock(quoted, "dora")
    async with terminal(browser, quoted, "dora", allowed=["Failed to load resource"]) as watched:
        page = watched.page
        await write(page, "Limit", "Sell", price="1.3000")
        share = page.get_by_role("slider", name="Share of what is available")
        await share.press("End")
        await expect(page.locator("[data-field=amount]")).to_have_value("1000.00")
        await expect(share).to_have_attribute("aria-valuetext", "100 % of your NOVA")
        await write(page, "Limit", "Buy", price="1.2600", amount="1")
        ticket = page.get_by_role("form", name="Order ticket")
        await ticket.get_by_text("Advanced").click()
        await ticket.get_by_label("Post-only").click()
        await page.get_by_role("button", name="Buy NOVA", exact=True).click()
        await expect(page.get_by_text("would have traded at once").first).to_be_visible()


async def test_depth_is_read_at_the_pointer(browser: Browser, quoted: Exchange) -> None:
    """Over the asks the sum up to that price is said; without barriers."""
    async with terminal(browser, quoted) as watched:
        page = watched.page
        await page.get_by_role("tab", name="Depth").click()
        chart = page.get_by_role("img", name=re.compile("Depth"))
        box = await chart.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + box["height"] / 2)
        await expect(page.get_by_role("main")).to_contain_text("1.26")
        assert await axe(page) == []


async def test_an_indicator_is_added_kept_and_removed(browser: Browser, quoted: Exchange) -> None:
    """Found by its name, there with its parameters after a reload, gone by a press."""
    async with terminal(browser, quoted) as watched:
        page = watched.page
        await page.get_by_role("button", name="Indicators").click()
        dialog = page.get_by_role("dialog", name="Indicators")
        await dialog.get_by_label("Search by name").fill("relative strength")
        await dialog.get_by_role("button", name="Add Relative strength index").click()
        assert await axe(page) == []
        await page.reload()
        await page.get_by_role("button", name="Indicators").click()
        await dialog.get_by_role("tab", name="On the chart").click()
        shown = dialog.get_by_role("listitem").filter(has_text="Relative strength index")
        await expect(shown).to_contain_text("14")
        await dialog.get_by_role("button", name="Remove Relative strength index").click()
        await expect(dialog.get_by_text("No indicators on this chart yet")).to_be_visible()


async def test_another_market_is_chosen_by_its_name(browser: Browser, quoted: Exchange) -> None:
    """Typed, Enter: the page is the other market's, and comes back to it from /trade."""
    async with terminal(browser, quoted) as watched:
        page = watched.page
        await page.get_by_role("button", name=re.compile("choose another one")).click()
        await page.get_by_placeholder("Search markets").fill("echo")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/trade/ECHO-USDC$"))
        await page.goto("/trade")
        await expect(page).to_have_url(re.compile("/trade/ECHO-USDC$"))
    assert MARKET != "ECHO-USDC"
