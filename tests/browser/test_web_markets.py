"""Home, markets and wallet: what a visitor sees move, finds and keeps, and how a person gets play money."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.web import DESKTOP, PHONE, axe, log_in, watched_page
from tests.integration.exchange import Exchange

ENGLISH = {"locale": "en", "theme": "light"}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_home_shows_a_living_market(
    browser: Browser, lively_exchange: Exchange, size: tuple[int, int]
) -> None:
    """The first page has the book and the tape of a market that trades, and ways on; without barriers."""
    async with watched_page(
        browser, lively_exchange.base, size=size, preferences=ENGLISH
    ) as watched:
        page = watched.page
        await page.goto("/")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        book = page.get_by_role("region", name="Order book").get_by_role("listitem")
        await expect(book.first).to_be_visible()
        await expect(
            page.get_by_role("region", name="Trades").get_by_role("listitem").first
        ).to_be_visible()
        assert await axe(page) == []
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]
        await page.get_by_role("link", name="See the markets").click()
        await expect(page).to_have_url(f"{lively_exchange.base}/markets")


async def test_markets_are_found_kept_and_opened_by_keyboard(
    browser: Browser, web_exchange: Exchange
) -> None:
    """Letters filter, a star outlives a reload, a header sorts, an arrow and Enter open the market."""
    async with watched_page(browser, web_exchange.base, preferences=ENGLISH) as watched:
        page = watched.page
        await page.goto("/markets")
        rows = page.locator("tbody tr[tabindex]")
        await expect(rows.filter(has_text="NOVA")).to_be_visible()
        assert await axe(page) == []
        await page.get_by_role("button", name="Market", exact=True).click()
        assert await rows.count() > 1
        names = [name.split("/")[0] for name in await rows.locator("a").all_inner_texts()]
        assert names == sorted(names, reverse=True)
        await page.keyboard.press("/")
        await page.keyboard.type("nova")
        await expect(rows).to_have_count(1)
        star = page.get_by_role("button", name="NOVA-USDC is a favourite")
        await star.click()
        await page.reload()
        await expect(star).to_have_attribute("aria-pressed", "true")
        await rows.filter(has_text="NOVA").focus()
        for kept in ("false", "true"):
            await page.keyboard.press("s")
            await expect(star).to_have_attribute("aria-pressed", kept)
        await page.get_by_role("tab", name="Favourites").click()
        await expect(rows).to_have_count(1)
        await page.get_by_role("tab", name="All").click()
        await rows.first.focus()
        await page.keyboard.press("ArrowDown")
        await expect(rows.nth(1)).to_be_focused()
        second = await rows.nth(1).locator("a").get_attribute("href")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{web_exchange.base}{second}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_person_gets_play_money(
    browser: Browser, web_exchange: Exchange, size: tuple[int, int]
) -> None:
    """One press books the amount once; the balance and its value show without a reload."""
    name = f"wallet{size[0]}"
    async with watched_page(browser, web_exchange.base, size=size, preferences=ENGLISH) as watched:
        page = watched.page
        await log_in(page, web_exchange.base, name)
        await page.goto("/wallet")
        await expect(page.get_by_text("Nothing here yet")).to_be_visible()
        await page.get_by_role("button", name="100", exact=True).click()
        await page.get_by_role("button", name="Get play money").click()
        row = page.get_by_role("row", name=re.compile("^USDC"))
        await expect(row.get_by_text("100.000000").first).to_be_visible()
        assert await axe(page) == []
        await page.get_by_role("tab", name="Deposit and withdraw").click()
        await expect(page.get_by_text("come with a later release")).to_be_visible()


async def test_what_a_person_wrote_is_text(browser: Browser, web_exchange: Exchange) -> None:
    """A biography with markup is shown as it was typed and runs nothing."""
    markup = "<img src=x onerror=alert(1)><b>bold</b>"
    async with watched_page(browser, web_exchange.base, preferences=ENGLISH) as watched:
        page = watched.page
        with web_exchange.person("writer") as client:
            changed = client.patch("/api/profile", json={"bio": markup})
            assert changed.status_code == 200, changed.text
        await page.goto("/people/writer")
        await expect(page.get_by_text(markup)).to_be_visible()
        assert await page.locator("article b, article img[src=x]").count() == 0
        assert await axe(page) == []
