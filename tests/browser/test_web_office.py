"""Acts of staff in a browser, each to its end: what one person does at once, what a second one lets through."""

import csv
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.market import quote
from tests.browser.test_web_account import REFUSED
from tests.browser.test_web_admin import desk, give_reason, hand_in, staffed
from tests.browser.test_web_sign_in import enrol, fill_log_in, is_in
from tests.browser.web import axe, log_in, watched_page
from tests.integration.exchange import Exchange, get


@pytest.fixture(scope="module")
def office(built_app: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange with staff and a market that traded, whose list of sanctions has a name that somebody here has."""
    folder = tmp_path_factory.mktemp("office")
    listed = folder / "sanctions.csv"
    listed.write_text("id,name,birth_date,source\nX-1,Vera Example,1990-02-03,test\n")
    with Exchange(folder, env={"CSE_IDENTITY_SANCTIONS_FILE": str(listed)}) as exchange:
        quote(exchange)
        yield staffed(exchange)


async def agree(browser: Browser, office: Exchange, shown: str) -> None:
    """Omar finds the one proposal that waits, which says what he lets through, and agrees."""
    async with desk(browser, office, "omar") as watched:
        page = watched.page
        await page.goto("/admin/approvals")
        card = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Agree"))
        await expect(card).to_contain_text(shown)
        await card.get_by_role("button", name="Agree").click()
        await give_reason(page, "checked", "Agree")
        await expect(card).to_have_count(0)


async def find(page: Page, name: str) -> None:
    """Opens what staff sees of somebody."""
    await page.goto("/admin/users")
    await page.get_by_label("Find people").fill(name)
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("region", name="What can be done")).to_be_visible()


async def test_one_person_makes_a_market_cancel_only(browser: Browser, office: Exchange) -> None:
    """At once, with a reason, for this market alone; the second person opens it again."""
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/markets")
        row = page.get_by_role("row", name="ECHO-USDC")
        await row.get_by_role("button", name="Cancel-only", exact=True).click()
        await give_reason(page, "incident", "Cancel-only")
        await expect(row).to_contain_text("cancel-only")
        await expect(page.get_by_role("row", name="NOVA-USDC")).to_contain_text("open")
        await row.get_by_role("button", name="Open", exact=True).click()
        await give_reason(page, "resolved", "Open")
        await agree(browser, office, "ECHO-USDC")
        await expect(row.get_by_role("button", name="Open", exact=True)).to_have_count(0)


async def test_other_limits_take_a_second_person(browser: Browser, office: Exchange) -> None:
    """Nothing can be proposed while nothing is different; agreed to, the market has the new limits."""
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/markets")
        await (
            page.get_by_role("row", name="LUMEN-USDC").get_by_role("button", name="Limits").click()
        )
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("volatility")
        await expect(dialog.get_by_role("button", name="Propose")).to_be_disabled()
        await dialog.get_by_label("Least total, USDC").fill("2.5")
        await dialog.get_by_label("Price band, %").fill("7.5")
        assert await axe(page) == []
        await give_reason(page, "volatility", "Propose")
    await agree(browser, office, "LUMEN-USDC")
    with office.person("dana") as client:
        [market] = [
            each
            for each in get(client, "/api/markets")["markets"]
            if each["market"] == "LUMEN-USDC"
        ]
    assert (market["min_notional"], market["price_band"]) == ("2.500000", "0.075000")


async def test_a_market_is_listed_and_opened_by_two(browser: Browser, office: Exchange) -> None:
    """Of assets that are there; it begins halted; opened, everybody finds it."""
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/markets")
        await page.get_by_role("button", name="New market").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Traded asset").select_option("NOVA")
        await dialog.get_by_label("Paid in").select_option("ECHO")
        for label, value in (
            ("Tick: smallest step of the price", "0.0001"),
            ("Lot: smallest step of the amount", "0.01"),
            ("Least amount", "0.01"),
            ("Largest amount", "100000"),
            ("Least total", "0.1"),
            ("Reference price", "0.4"),
        ):
            await dialog.get_by_label(label).fill(value)
        assert await axe(page) == []
        await give_reason(page, "requested", "Propose")
        await agree(browser, office, "NOVA-ECHO")
        row = page.get_by_role("row", name="NOVA-ECHO")
        await expect(row).to_contain_text("halted")
        await row.get_by_role("button", name="Open", exact=True).click()
        await give_reason(page, "resolved", "Open")
        await agree(browser, office, "NOVA-ECHO")
        await expect(row).to_contain_text("open")
    async with watched_page(browser, office.base) as watched:
        await watched.page.goto("/markets")
        await expect(watched.page.get_by_role("row", name="NOVA-ECHO")).to_be_visible()


async def test_the_first_assets_of_the_lists_can_be_chosen(
    browser: Browser, office: Exchange
) -> None:
    """What a list shows is what is chosen: nothing, until somebody chooses."""
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/markets")
        await page.get_by_role("button", name="New market").click()
        paid_in = page.get_by_role("dialog").get_by_label("Paid in")
        await expect(paid_in.locator("option:checked")).to_have_text("Choose")
        await paid_in.select_option("USDC")
        await expect(paid_in).to_have_value("USDC")


async def test_the_house_pays_once_two_people_want_it(browser: Browser, office: Exchange) -> None:
    """From the account that fees come into; more than there is, is not paid; somebody else's account pays nothing."""
    with office.person("payee") as payee:
        account = get(payee, "/api/profile")["account_id"]
    async with desk(browser, office, "dana") as watched:
        watched.allowed.append(REFUSED)
        page = watched.page
        await page.goto("/admin/house")
        for label, value in (("To account", str(account)), ("Asset", "usdc"), ("Amount", "0.01")):
            await page.get_by_label(label).fill(value)
        await page.get_by_label("From account").fill(str(account))
        await page.get_by_role("button", name="Propose the payment").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("promotion")
        await dialog.get_by_role("button", name="Propose", exact=True).click()
        await expect(dialog.get_by_role("alert")).to_contain_text("from_account_id")
        assert await axe(page) == []
        await dialog.get_by_role("button", name="Cancel").click()
        await page.get_by_label("From account").fill("1")
        await page.get_by_role("button", name="Propose the payment").click()
        await give_reason(page, "promotion", "Propose")
    await agree(browser, office, f"account:{account}")
    with office.person("payee") as payee:
        [row] = get(payee, "/api/balances")["balances"]
    assert (row["asset"], row["available"]) == ("USDC", "0.010000")


async def test_factors_are_reset_by_two_people(browser: Browser, office: Exchange) -> None:
    """For who lost the phone: agreed to, the password alone opens the account, and the old session is over."""
    async with watched_page(browser, office.base, allowed=[REFUSED]) as lost:
        await log_in(lost.page, office.base, "tilda")
        await enrol(lost.page)
        async with desk(browser, office, "dana") as watched:
            await find(watched.page, "tilda")
            await watched.page.get_by_role("button", name="Reset second factors").click()
            await give_reason(watched.page, "lost_device", "Reset second factors")
        await agree(browser, office, "totp")
        await expect(lost.page).to_have_url(f"{office.base}/login?next=%2Faccount%2Fsecurity")
        await fill_log_in(lost.page, "tilda")
        await is_in(lost.page)


async def test_a_role_is_given_by_two_people(browser: Browser, office: Exchange) -> None:
    """Whoever has it finds the rooms of it without logging in again."""
    async with watched_page(browser, office.base) as chosen:
        await log_in(chosen.page, office.base, "rolf")
        async with desk(browser, office, "dana") as watched:
            await find(watched.page, "rolf")
            await watched.page.get_by_role("button", name="Give support").click()
            await give_reason(watched.page, "joined", "Give support")
        await agree(browser, office, "support")
        await chosen.page.goto("/admin")
        rooms = chosen.page.get_by_role("navigation", name="Office")
        await expect(rooms.get_by_role("link", name="People")).to_be_visible()


async def test_who_is_on_a_list_is_cleared_by_two_people(
    browser: Browser, office: Exchange
) -> None:
    """The name was found when the check was handed in; cleared, nobody waits any more."""
    hand_in(office, "vera")
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/sanctions")
        row = page.get_by_role("row").filter(has_text="Vera Example (X-1)")
        await expect(row).to_contain_text("100 %")
        assert await axe(page) == []
        await row.get_by_role("button", name="Clear").click()
        await give_reason(page, "other_person", "Clear")
        await agree(browser, office, "sanctions.clear")
        await page.reload()
        await expect(page.get_by_text("Nobody looks like somebody on the list.")).to_be_visible()


async def test_the_audit_log_is_searched_and_taken_along(
    browser: Browser, office: Exchange
) -> None:
    """By act; the file has every record with one header line."""
    with office.person("ulla"):
        pass
    async with desk(browser, office, "dana") as watched:
        page = watched.page
        await page.goto("/admin/audit")
        await page.get_by_label("Act", exact=True).fill("user.register")
        await page.get_by_role("button", name="Search", exact=True).click()
        await expect(page.get_by_text("user.register").first).to_be_visible()
        await expect(page.get_by_text("session.log_in")).to_have_count(0)
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="All as CSV").click()
        path = await (await waiting.value).path()
        lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert "user.register" in {line["act"] for line in lines}
        assert len({line["number"] for line in lines}) == len(lines)
