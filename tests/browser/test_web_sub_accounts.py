"""Acting on a sub-account in a browser: what is shown, sent and streamed is that account's, and no other's."""

from collections.abc import Sequence
from typing import Any

import httpx
from playwright.async_api import Browser, Page, Route, WebSocketRoute, expect

from tests.browser.market import TRADE
from tests.browser.test_web_trade import send, write
from tests.browser.web import log_in, watched_page
from tests.integration.exchange import Exchange, deposit, get, place

ACCOUNT = "X-CSE-Account"


def stock(exchange: Exchange, name: str) -> int:
    """Gives somebody 100 USDC and an order, and a sub-account "grid" with 7 USDC; returns its id."""
    with exchange.person(name) as person:
        deposit(person, "USDC", "107", "start")
        made = good(person.post("/api/sub-accounts", json={"label": "grid"}))
        grid: int = made["sub_account"]["account_id"]
        main = get(person, "/api/profile")["account_id"]
        sent = {
            "from_account_id": main,
            "to_account_id": grid,
            "asset": "USDC",
            "amount": "7",
        }
        good(person.post("/api/transfers", json=sent, headers={"Idempotency-Key": "seven"}))
        place(person, "buy", "1.1100", "10.00")
    return grid


def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def prices(exchange: Exchange, name: str, account: int | None = None) -> Sequence[str]:
    """The prices of open orders of somebody's first account, or of this one."""
    with exchange.person(name) as person:
        if account is not None:
            person.headers[ACCOUNT] = str(account)
        return [each["price"] for each in get(person, "/api/orders")["orders"]]


async def act_on(page: Page, label: str) -> None:
    """Chooses the account in the person's menu."""
    await page.get_by_role("button", name="Account menu").click()
    await (
        page.get_by_role("menuitemcheckbox", name=label)
        .or_(page.get_by_role("menuitemradio", name=label))
        .click()
    )
    await expect(page.get_by_role("menuitem")).to_have_count(0)


async def test_orders_and_money_are_those_of_the_account_that_was_chosen(
    browser: Browser, quoted: Exchange
) -> None:
    """Chosen, the header says so, also after a reload; an order is placed there; back, the first one's are there."""
    grid = stock(quoted, "gina")
    async with watched_page(browser, quoted.base, preferences={"confirmOrders": False}) as watched:
        page = watched.page
        await log_in(page, quoted.base, "gina", register=False)
        await page.goto(TRADE)
        orders = page.get_by_role("region", name="Your orders and balances")
        await expect(orders.get_by_role("row").filter(has_text="1.1100")).to_be_visible()
        await act_on(page, "grid")
        await expect(page.get_by_role("banner").get_by_text("grid", exact=True)).to_be_visible()
        await expect(orders.get_by_role("row").filter(has_text="1.1100")).to_have_count(0)
        await expect(page.get_by_role("form", name="Order ticket")).to_contain_text("7.000000")
        await write(page, "Limit", "Buy", price="1.2200", amount="5")
        await send(page, "Buy NOVA")
        await expect(orders.get_by_role("row").filter(has_text="1.2200")).to_be_visible()
        await page.reload()
        await expect(orders.get_by_role("row").filter(has_text="1.2200")).to_be_visible()
        await expect(page.get_by_role("banner").get_by_text("grid", exact=True)).to_be_visible()
        await act_on(page, "First account")
        await expect(orders.get_by_role("row").filter(has_text="1.1100")).to_be_visible()
        await expect(orders.get_by_role("row").filter(has_text="1.2200")).to_have_count(0)
    assert prices(quoted, "gina", grid) == ["1.2200"]
    assert prices(quoted, "gina") == ["1.1100"]


async def test_nothing_of_one_account_is_shown_as_the_others(
    browser: Browser, quoted: Exchange
) -> None:
    """While the exchange does not answer for the account that was chosen, the one before is not shown in its place."""
    stock(quoted, "hans")
    is_silent = False

    async def answer(route: Route) -> None:
        if not is_silent:
            await route.continue_()

    def connect(socket: WebSocketRoute) -> None:
        server = None if is_silent else socket.connect_to_server()
        if server is not None:
            socket.on_message(server.send)
            server.on_message(socket.send)

    async with watched_page(browser, quoted.base) as watched:
        page = watched.page
        await page.route("**/api/**", answer)
        await page.route_web_socket("**/ws", connect)
        await log_in(page, quoted.base, "hans", register=False)
        await page.goto("/portfolio")
        await expect(page.get_by_role("main")).to_contain_text("100.000000")
        await page.goto(TRADE)
        orders = page.get_by_role("region", name="Your orders and balances")
        await expect(orders.get_by_role("row").filter(has_text="1.1100")).to_be_visible()
        is_silent = True
        await act_on(page, "grid")
        await expect(orders.get_by_role("row").filter(has_text="1.1100")).to_have_count(0)
        ticket = page.get_by_role("form", name="Order ticket")
        await expect(ticket).not_to_contain_text("88.9")


async def test_a_key_says_which_account_it_acts_on(browser: Browser, quoted: Exchange) -> None:
    """Who has several chooses one, that of now at first; the key is that account's, and the list says so."""
    grid = stock(quoted, "jill")
    async with watched_page(browser, quoted.base) as watched:
        page = watched.page
        await log_in(page, quoted.base, "jill", register=False)
        await page.goto("/account/keys")
        await act_on(page, "grid")
        for name, account in (("bot", "grid"), ("main bot", "First account")):
            await page.get_by_role("button", name="Make a key").first.click()
            dialog = page.get_by_role("dialog", name="Make a key")
            acts_on = dialog.get_by_label("Acts on")
            await expect(acts_on.locator("option:checked")).to_have_text("grid")
            await acts_on.select_option(label=account)
            await dialog.get_by_label("Name").fill(name)
            await dialog.get_by_role("button", name="Make it").click()
            await page.get_by_role("button", name="I kept it").click()
            card = page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))
            await expect(card).to_contain_text(account)
    with quoted.person("jill") as person:
        made = {key["name"]: key["account_id"] for key in get(person, "/api/keys")["keys"]}
        assert made == {"bot": grid, "main bot": get(person, "/api/profile")["account_id"]}


async def test_who_closes_the_account_they_act_on_is_back_on_the_first(
    browser: Browser, quoted: Exchange
) -> None:
    """A closed account takes no calls: the page would show refusals everywhere."""
    with quoted.person("karl") as person:
        good(person.post("/api/sub-accounts", json={"label": "grid"}))
    async with watched_page(browser, quoted.base) as watched:
        page = watched.page
        await log_in(page, quoted.base, "karl", register=False)
        await page.goto("/account/sub-accounts")
        await act_on(page, "grid")
        await expect(page.get_by_role("banner").get_by_text("grid", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Close", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
        await expect(page.get_by_role("list", name="Sub-accounts")).to_contain_text("closed")
        await expect(page.get_by_role("banner").get_by_text("grid", exact=True)).to_have_count(0)
