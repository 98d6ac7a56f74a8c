"""Stored XSS, in the browser: every text that people write in their account is shown as text and runs nothing.

The corpus is the one of tests/integration/security. What a browser would run breaks the page's policy and is told by
`watched_page`; what it would only show as elements is looked for.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser.web import ROOT, log_in, watched_page
from tests.integration.exchange import PASSWORD, Exchange

CORPUS: list[str] = json.loads(
    (ROOT / "tests/integration/security/text_corpus.json").read_text(encoding="utf-8")
)
# What the markup in the corpus would become.
INTERPRETED = "script, iframe, style, base, meta, math, animate, img:not([src^='/api/'])"
ELEMENTS = f":is(main, header, [role=dialog]) :is({INTERPRETED})"
HANDLERS = """
[...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length
"""


def is_taken(text: str) -> bool:
    """Whether people may write it at all: no controls, turned direction, piled marks (docs/reference/profile.md)."""
    plain = all(each == " " or unicodedata.category(each)[0] not in "CZ" for each in text)
    return plain and not any(unicodedata.combining(each) for each in text)


PLAIN = [text for text in CORPUS if is_taken(text)]


def packed(texts: Iterable[str], length: int) -> Iterator[str]:
    """Texts of the corpus, as many in one as fit; longer ones are left out."""
    pack = ""
    for text in texts:
        if len(text) > length:
            continue
        if len(pack) + 1 + len(text) > length:
            yield pack
            pack = ""
        pack = f"{pack} {text}".strip()
    if pack:
        yield pack


async def is_text(page: Page, path: str, shown: Sequence[str]) -> None:
    """Opens a page that shows these texts: as they are, and none of them as an element or a handler."""
    await page.goto(path)
    for text in shown:
        await expect(page.get_by_role("main")).to_contain_text(text)
    assert await page.locator(ELEMENTS).count() == 0
    assert await page.evaluate(HANDLERS) == 0


def written(answer: httpx.Response) -> None:
    """The exchange took the text."""
    assert answer.is_success, answer.text


def begin_session(base: str, name: str, agent: str) -> None:
    """Somebody logs in with a program that says this of itself."""
    who = {"email": f"{name}@example.com", "password": PASSWORD}
    headers = {"user-agent": agent}
    written(httpx.post(f"{base}/api/auth/login", json=who, headers=headers, timeout=20))


async def test_names_and_words_about_oneself_run_nothing(
    browser: Browser, web_exchange: Exchange
) -> None:
    """As strangers read them, and in the form in which their owner changes them."""
    names = list(packed([text for text in PLAIN if set(text) & set("<>\"'{$:")], 50))
    bios = list(packed(PLAIN, 500))
    assert len(names) > 10
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        page.on("dialog", lambda dialog: watched.wrong.append(f"a script opened {dialog.message}"))
        with web_exchange.person("uma") as uma:
            for index, name in enumerate(names):
                bio = bios[index % len(bios)]
                written(uma.patch("/api/profile", json={"display_name": name, "bio": bio}))
                await is_text(page, "/people/uma", [name, bio])
        await log_in(page, web_exchange.base, "uma", register=False)
        await page.goto("/account/profile")
        await expect(page.get_by_label("Name", exact=True)).to_have_value(names[-1])
        assert await page.locator(ELEMENTS).count() == 0


async def test_names_of_keys_and_sub_accounts_and_devices_run_nothing(
    browser: Browser, web_exchange: Exchange
) -> None:
    """In the lists of the account; a device is what a program says of itself at its log-in."""
    names = list(packed(PLAIN, 32))[:20]
    agents = list(packed([text for text in PLAIN if text.isascii()], 250))
    async with watched_page(browser, web_exchange.base) as watched:
        page = watched.page
        page.on("dialog", lambda dialog: watched.wrong.append(f"a script opened {dialog.message}"))
        with web_exchange.person("vito") as vito:
            for name in names:
                key = {"name": name, "kind": "hmac-sha256", "scopes": ["read"]}
                written(vito.post("/api/keys", json=key))
            for name in names[:5]:
                written(vito.post("/api/sub-accounts", json={"label": name}))
        for agent in agents:
            begin_session(web_exchange.base, "vito", agent)
        await log_in(page, web_exchange.base, "vito", register=False)
        await is_text(page, "/account/keys", names)
        await is_text(page, "/account/sub-accounts", names[:5])
        await is_text(page, "/account/security", ["Where you are logged in", "Unknown"])
