"""The documentation in a browser: from the app to it, along its pages, without barriers."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.web import DESKTOP, PHONE, axe, watched_page
from tests.integration.exchange import Exchange


@pytest.mark.parametrize(
    ("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
async def test_the_footer_leads_to_the_docs_and_they_to_each_other(
    browser: Browser, web_exchange: Exchange, size: tuple[int, int], theme: str
) -> None:
    """In the app's colours; code and tables scroll in their boxes; what is not there is the app's own page."""
    preferences = {"theme": theme}
    async with watched_page(
        browser, web_exchange.base, size=size, preferences=preferences
    ) as watched:
        page = watched.page
        await page.goto("/status")
        await page.get_by_role("contentinfo").get_by_role("link", name="Docs").click()
        await expect(page).to_have_url(f"{web_exchange.base}/docs")
        await page.get_by_role("main").get_by_role("link", name="From nothing").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            "From nothing to a signed order"
        )
        await expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert await axe(page) == []
        if size == PHONE:
            await page.get_by_text("All pages").click()
        pages = page.get_by_role("navigation", name="Docs")
        await expect(pages.locator("[aria-current=page]")).to_have_text(
            "From nothing to a signed order"
        )
        await pages.get_by_role("link", name="The binary codec").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("The binary codec")
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        await page.goto("/docs/nothing", wait_until="domcontentloaded")
        watched.wrong.clear()  # the server says 404, as it should
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
