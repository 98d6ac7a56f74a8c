"""Every language that is offered, chosen one after the other in the app: its words, its letters, its direction."""

import json

import pytest
from playwright.async_api import Browser, expect

from tests.browser.web import ROOT, axe, watched_page
from tests.integration.exchange import Exchange

LOCALES = ROOT / "web/src/i18n/locales"
# Letters that Geist has not come from a font of ours, not from whatever the machine has.
FONTS = {"ar": "Noto Sans Arabic", "ja": "Noto Sans JP", "zh-Hans": "Noto Sans SC"}
_LOADED = """(name) => document.fonts.ready.then(() => [...document.fonts]
  .some(({family, status}) => family.includes(name) && status === "loaded"))"""


@pytest.mark.parametrize("asked", ["de-AT", "ja", "fr"])
async def test_the_app_begins_in_the_browsers_language(
    browser: Browser, web_exchange: Exchange, asked: str
) -> None:
    """The nearest one that there is, else English."""
    async with watched_page(browser, web_exchange.base, locale=asked) as watched:
        await watched.page.goto("/status")
        found = {"de-AT": "de", "ja": "ja"}.get(asked, "en")
        await expect(watched.page.locator("html")).to_have_attribute("lang", found)


async def test_every_language_is_chosen_by_its_own_name(
    browser: Browser, web_exchange: Exchange
) -> None:
    """The page changes at once, in letters that load with the language; nothing about it is inaccessible."""
    async with watched_page(browser, web_exchange.base, preferences={"locale": "en"}) as watched:
        page = watched.page
        await page.goto("/status")
        languages = sorted(each.name for each in LOCALES.iterdir())
        assert languages == ["ar", "de", "en", "es", "ja", "zh-Hans"]
        for language in languages:
            texts = {
                name: json.loads((LOCALES / language / f"{name}.json").read_text(encoding="utf-8"))
                for name in ("common", "status")
            }
            await page.locator("footer").get_by_role("button").last.click()
            await page.get_by_role("dialog").locator("select").select_option(language)
            title = texts["common"]["display"]["title"]
            await expect(page.get_by_role("dialog", name=title)).to_be_visible()
            assert await axe(page) == []
            await page.keyboard.press("Escape")
            heading = page.get_by_role("heading", level=1)
            await expect(heading).to_have_text(texts["status"]["title"])
            if language in FONTS:
                assert await page.evaluate(_LOADED, FONTS[language])
