"""Moving money between own accounts, in a browser: both sides, refusals, the list of what moved."""

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.fit import misfits, scrolls_sideways
from tests.browser.web import PHONE, axe, log_in, watched_page
from tests.integration.exchange import Exchange, deposit, get

REFUSED = "Failed to load resource"


async def choose(page: Page, label: str, option: str) -> None:
    """Picks an option of a list by the names that a person reads."""
    await page.get_by_label(label, exact=True).select_option(label=option)


def available(exchange: Exchange, name: str, sub_account: str | None = None) -> str:
    """What the API says of the free USDC of somebody's first account, or of a sub-account; "0": there never was any."""
    with exchange.person(name) as client:
        if sub_account is not None:
            found = get(client, "/api/sub-accounts")["sub_accounts"]
            [own] = [each["account_id"] for each in found if each["label"] == sub_account]
            client.headers["X-CSE-Account"] = str(own)
        rows = get(client, "/api/balances")["balances"]
    return next((row["available"] for row in rows if row["asset"] == "USDC"), "0")


async def open_sub_account(page: Page, label: str) -> None:
    """Opens one in the account's pages, by the way that the wallet shows to those who have none."""
    await page.goto("/wallet")
    await page.get_by_role("tab", name="Transfers").click()
    await page.get_by_role("link", name="Add a sub-account").click()
    await page.get_by_label("Name").fill(label)
    await page.get_by_role("button", name="Open one").click()
    await expect(page.get_by_role("list", name="Sub-accounts")).to_contain_text(label)


def past(page: Page) -> Locator:
    """The rows of past transfers."""
    return page.get_by_role("region", name="Past transfers").get_by_role("row")


async def test_money_is_moved_to_a_sub_account_and_listed(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Too much is refused and moves nothing; what is sent arrives to the unit, once, and is in the list."""
    with web_exchange.person("nora") as nora:
        deposit(nora, "USDC", "100", "start")
    async with watched_page(browser, web_exchange.base, allowed=[REFUSED]) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "nora", register=False)
        await open_sub_account(page, "grid")
        await page.get_by_role("button", name="Account menu").click()
        await page.get_by_role("menuitem", name="Wallet").click()
        await page.get_by_role("tab", name="Transfers").click()
        amount = page.get_by_role("main").locator("input[name=amount]").first
        send = page.get_by_role("button", name="Transfer", exact=True)
        await expect(page.get_by_text("No transfers yet")).to_be_visible()
        await expect(send).to_be_disabled()
        await amount.fill("100.000001")
        await send.click()
        await expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("enough")
        assert available(web_exchange, "nora", "grid") == "0"
        await amount.fill("40.250001")
        assert await axe(page) == []
        await send.click()
        await expect(page.get_by_text("Transferred.").first).to_be_visible()
        await expect(amount).to_have_value("")
        await expect(past(page)).to_have_count(2)  # and the head
        await expect(past(page).last).to_contain_text("40.250001")
        assert available(web_exchange, "nora", "grid") == "40.250001"
        assert available(web_exchange, "nora") == "59.749999"
        await page.get_by_role("button", name="Available 59.749999 USDC").click()
        await expect(amount).to_have_value("59.749999")
        await choose(page, "From", "grid")
        await expect(page.get_by_role("button", name="Available 40.250001 USDC")).to_be_visible()
        await page.get_by_role("tab", name="Balances").click()
        row = page.get_by_role("row", name=re.compile("^USDC"))
        await expect(row).to_contain_text("59.749999")


async def test_the_same_account_twice_is_no_transfer(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Said beside the form; turned around, the money comes back. On a phone."""
    with web_exchange.person("otto") as otto:
        deposit(otto, "USDC", "10", "start")
    async with watched_page(browser, web_exchange.base, size=PHONE) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, "otto", register=False)
        await open_sub_account(page, "grid")
        await page.goto("/wallet")
        await page.get_by_role("tab", name="Transfers").click()
        amount = page.get_by_role("main").locator("input[name=amount]").first
        send = page.get_by_role("button", name="Transfer", exact=True)
        await amount.fill("7")
        await choose(page, "To", "First account")
        await expect(page.get_by_text("Choose two different accounts")).to_be_visible()
        await expect(send).to_be_disabled()
        await choose(page, "To", "grid")
        await send.click()
        await expect(past(page)).to_have_count(2)
        await choose(page, "From", "grid")
        await choose(page, "To", "First account")
        await amount.fill("7")
        await send.click()
        await expect(past(page)).to_have_count(3)
        await expect(past(page).nth(1)).to_contain_text(re.compile("grid.*First account"))
        assert await axe(page) == []
        assert await misfits(page) == []
    assert available(web_exchange, "otto") == "10.000000"


async def test_what_the_rich_own_fits_a_phone(browser: Browser, web_exchange: Exchange) -> None:
    """Tens of millions, digit for digit, at 360 px too: the worth with its unit, the columns, the portfolio."""
    with web_exchange.person("rich") as rich:
        for asset in ("USDC", "NOVA", "ETH"):
            for turn in range(3):
                deposit(rich, asset, "10000", f"{asset}{turn}")
    for width in (PHONE[0], 360):
        async with watched_page(browser, web_exchange.base, size=(width, PHONE[1])) as watched:
            page = watched.page
            await log_in(page, web_exchange.base, "rich", register=False)
            await page.goto("/wallet")
            table = page.get_by_role("region", name="Balances")
            await expect(table.get_by_role("row", name="ETH")).to_contain_text("30,000.000000000")
            await expect(table).to_contain_text("Value (USDC)")
            assert await misfits(page) == []
            assert await scrolls_sideways(table) == []
            await page.goto("/portfolio")
            await expect(page.get_by_text("Total value", exact=True)).to_be_visible()
            assert await misfits(page) == []
