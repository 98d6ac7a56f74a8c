"""The app in Arabic: pages run from right to left; ladder, chart and numbers do not, and nothing is cut or mirrored."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.web import DESKTOP, PHONE, axe, log_in, watched_page
from tests.integration.exchange import Exchange, deposit, place

ARABIC = {"locale": "ar", "theme": "dark"}
PAGES = [
    "/",
    "/markets",
    "/trade/NOVA-USDC",
    "/wallet",
    "/portfolio",
    "/portfolio/ledger",
    "/account/security",
    "/account/keys",
    "/status",
]
ARABIC_LETTER = re.compile("[\u0621-\u064a]")
# Digits of Arabic and of Persian: numbers are written in Latin ones.
OTHER_DIGIT = re.compile("[\u0660-\u0669\u06f0-\u06f9]")


@pytest.fixture(scope="module")
def traded(web_exchange: Exchange) -> Exchange:
    """An exchange where Ada bought from Bob and has an order open."""
    with web_exchange.person("ada") as ada, web_exchange.person("bob") as bob:
        deposit(ada, "USDC", "1000", "ada-1")
        deposit(bob, "NOVA", "500", "bob-1")
        place(bob, "sell", "1.25", "10")
        place(bob, "sell", "1.26", "20")
        place(ada, "buy", "1.25", "10")
        place(ada, "buy", "1.20", "5")
        web_exchange.settle()
    return web_exchange


async def direction(element: Locator) -> str:
    return str(await element.evaluate("(element) => getComputedStyle(element).direction"))


async def sideways(page: Page) -> int:
    """How many pixels of the page are beyond its window."""
    return int(
        await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_pages_run_from_right_to_left(
    browser: Browser, traded: Exchange, size: tuple[int, int]
) -> None:
    """Every page is in Arabic, with Latin digits; none is wider than its window, none has a barrier."""
    async with watched_page(browser, traded.base, size=size, preferences=ARABIC) as watched:
        page = watched.page
        await log_in(page, traded.base, "ada")
        for path in PAGES:
            await page.goto(path)
            await expect(page.locator("html")).to_have_attribute("dir", "rtl")
            await expect(page.locator("html")).to_have_attribute("lang", "ar")
            await expect(page.get_by_role("heading", level=1).first).to_have_text(ARABIC_LETTER)
            await expect(page.locator("main .skeleton")).to_have_count(0)
            assert OTHER_DIGIT.findall(await page.locator("body").inner_text()) == [], path
            assert await axe(page) == [], path
            assert await sideways(page) == 0, path


async def test_the_ladder_the_chart_and_numbers_run_from_left_to_right(
    browser: Browser, traded: Exchange
) -> None:
    """Prices stand left of their sizes as in every other language, and the chart has its scale on the right."""
    async with watched_page(browser, traded.base, preferences=ARABIC) as watched:
        page = watched.page
        await log_in(page, traded.base, "ada")
        await page.goto("/trade/NOVA-USDC")
        ladder = page.get_by_role("group", name="دفتر الأوامر", exact=True)
        await expect(ladder).to_contain_text("1.26")
        assert await direction(ladder) == "ltr"
        price = await ladder.get_by_text("1.26", exact=False).first.bounding_box()
        size = await ladder.get_by_text("20", exact=False).first.bounding_box()
        assert price is not None
        assert size is not None
        assert price["x"] < size["x"]
        picture = page.get_by_role("img", name="الرسم البياني لـ NOVA-USDC")
        await expect(picture).to_be_visible()
        assert await direction(picture) == "ltr"
        numbers = page.locator(".num")
        await expect(numbers.first).to_be_visible()
        assert set(
            await numbers.evaluate_all(
                "(all) => all.map((each) => getComputedStyle(each).direction)"
            )
        ) == {"ltr"}
        ticket = page.get_by_role("textbox", name="السعر", exact=True)
        assert await direction(ticket) == "ltr"
        # The panels themselves are mirrored: the ticket is left of the chart.
        chart, field = await picture.bounding_box(), await ticket.bounding_box()
        assert chart is not None
        assert field is not None
        assert field["x"] < chart["x"]


async def test_dates_read_as_they_are_said(browser: Browser, traded: Exchange) -> None:
    """A date's words run from right to left, also where it stands among numbers."""
    async with watched_page(browser, traded.base, preferences=ARABIC) as watched:
        page = watched.page
        await log_in(page, traded.base, "ada")
        await page.goto("/portfolio/ledger")
        date = page.locator("main time").filter(has_text=ARABIC_LETTER).first
        await expect(date).to_be_visible()
        assert await direction(date.locator("bdi")) == "rtl"


async def test_the_direction_follows_the_language(browser: Browser, traded: Exchange) -> None:
    """Whoever chooses Arabic sees the page turn round at once, and back again."""
    async with watched_page(
        browser, traded.base, preferences={"locale": "en", "theme": "light"}
    ) as watched:
        page = watched.page
        await page.goto("/markets")
        root = page.locator("html")
        await expect(root).to_have_attribute("dir", "ltr")
        await page.get_by_role("button", name="Appearance and language").first.click()
        await page.get_by_label("Language", exact=True).select_option("ar")
        await expect(root).to_have_attribute("dir", "rtl")
        await expect(page.get_by_role("dialog", name="المظهر")).to_be_visible()
        await page.get_by_label("اللغة", exact=True).select_option("en")
        await expect(root).to_have_attribute("dir", "ltr")
        assert await sideways(page) == 0
