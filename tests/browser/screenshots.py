"""`make screenshots`: every screen of the web app, light and dark, desktop and phone, as PNG files in a folder.

The exchange is a real one with its bots; the person has traded, so that no screen is empty that need not be.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from playwright.async_api import Browser, Page
from rich.console import Console
from rich.progress import Progress

from tests.browser.chromium import chromium
from tests.browser.web import DESKTOP, PHONE, ROOT, log_in
from tests.integration.exchange import Exchange, deposit, get
from tests.waiting import wait_until

MARKET: Final = "NOVA-USDC"
THEMES: Final = ("light", "dark")
SIZES: Final = {"desktop": DESKTOP, "phone": PHONE}
NAME: Final = "ada"


class Screen(NamedTuple):
    """A screen by its file's name: its address, and whether somebody is logged in."""

    name: str
    path: str
    person: bool = True


SCREENS: Final[Sequence[Screen]] = (
    Screen("home", "/", person=False),
    Screen("markets", "/markets", person=False),
    Screen("trade", f"/trade/{MARKET}"),
    Screen("trade-visitor", f"/trade/{MARKET}", person=False),
    Screen("login", "/login", person=False),
    Screen("signup", "/signup", person=False),
    Screen("forgot-password", "/forgot-password", person=False),
    Screen("portfolio", "/portfolio"),
    Screen("portfolio-history", "/portfolio/history"),
    Screen("portfolio-ledger", "/portfolio/ledger"),
    Screen("portfolio-statements", "/portfolio/statements"),
    Screen("wallet", "/wallet"),
    Screen("account-profile", "/account/profile"),
    Screen("account-security", "/account/security"),
    Screen("account-keys", "/account/keys"),
    Screen("account-notifications", "/account/notifications"),
    Screen("account-limits", "/account/limits"),
    Screen("account-appearance", "/account/appearance"),
    Screen("admin-system", "/admin/system"),
    Screen("admin-markets", "/admin/markets"),
    Screen("admin-approvals", "/admin/approvals"),
    Screen("admin-users", "/admin/users"),
    Screen("admin-fees", "/admin/fees"),
    Screen("admin-audit", "/admin/audit"),
    Screen("status", "/status", person=False),
    Screen("creators", "/creators", person=False),
    Screen("not-found", "/there-is-nothing", person=False),
)


def main() -> None:
    """Take them all, or those whose names contain one of the words given."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("words", nargs="*", help="only screens with one of these in their names")
    parser.add_argument("--folder", type=Path, default=ROOT / "var/screenshots")
    parser.add_argument("--locale", default="en")
    arguments = parser.parse_args()
    chosen = [
        each
        for each in SCREENS
        if not arguments.words or any(word in each.name for word in arguments.words)
    ]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="cse-screens-") as name,
        Exchange(Path(name), "--port", "0") as exchange,
    ):
        _live_a_little(exchange)
        asyncio.run(_take(exchange, chosen, arguments.folder, arguments.locale))
    Console().print(f"{len(chosen) * len(THEMES) * len(SIZES)} screenshots in {arguments.folder}")


def _live_a_little(exchange: Exchange) -> None:
    """Somebody has money, has traded, has open orders, and works at the exchange."""
    with exchange.person(NAME) as person:
        deposit(person, "USDC", "25000", "usdc")
        wait_until(lambda: _is_quoted(person), 60, "the bots' orders")
        last = get(person, f"/api/ticker/{MARKET}")["last"]
        market = {"market": MARKET, "type": "market"}
        for quote in ("400", "900", "250"):
            _place(person, {**market, "side": "buy", "quote_quantity": quote})
        _place(person, {**market, "side": "sell", "quantity": "60.00"})
        for hundredths, side in ((97, "buy"), (95, "buy"), (103, "sell")):
            whole, _, fraction = last.partition(".")
            units = int(whole + fraction) * hundredths // 100
            text = str(units).zfill(len(fraction) + 1)
            price = f"{text[: -len(fraction)]}.{text[-len(fraction) :]}"
            body = {"market": MARKET, "side": side, "type": "limit", "price": price}
            _place(person, {**body, "quantity": "50.00"})
    words = ["admin", "grant", f"{NAME}@example.com", "admin", "--reason", "screenshots"]
    command = [sys.executable, "-m", "cse.cli", *words, "--data-dir", str(exchange.data_dir)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def _is_quoted(person: httpx.Client) -> bool:
    book = get(person, f"/api/orderbook/{MARKET}")
    traded = get(person, f"/api/ticker/{MARKET}")["last"] is not None
    return traded and len(book["bids"]) > 3 and len(book["asks"]) > 3


def _place(person: httpx.Client, order: dict[str, str]) -> None:
    placed = person.post("/api/orders", json=order)
    assert placed.status_code == 201, placed.text


async def _take(exchange: Exchange, screens: Sequence[Screen], folder: Path, locale: str) -> None:
    async with chromium() as browser:
        with Progress() as progress:
            task = progress.add_task("screens", total=len(screens) * len(THEMES) * len(SIZES))
            for theme in THEMES:
                for size in SIZES:
                    for screen in screens:
                        path = folder / f"{screen.name}-{theme}-{size}.png"
                        await _shoot(browser, exchange, screen, (theme, size, locale), path)
                        progress.advance(task)


async def _shoot(
    browser: Browser, exchange: Exchange, screen: Screen, look: tuple[str, str, str], path: Path
) -> None:
    theme, size, locale = look
    width, height = SIZES[size]
    context = await browser.new_context(
        base_url=exchange.base,
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        device_scale_factor=1 if size == "desktop" else 2,
    )
    try:
        page = await context.new_page()
        saved = f'{{"state":{{"theme":"{theme}","locale":"{locale}"}},"version":1}}'
        await page.add_init_script(f"localStorage.setItem('cse.preferences', '{saved}')")
        if screen.person:
            await log_in(page, exchange.base, NAME, register=False)
        await page.goto(screen.path)
        await _settled(page)
        await page.screenshot(path=path)
    finally:
        await context.close()


async def _settled(page: Page) -> None:
    """Returns once the page has its heading and shows no skeleton any more, or after five seconds of trying."""
    await page.wait_for_function(
        """() => {
          const begun = (window.__begun ??= performance.now());
          const loading = document.querySelector("[data-skeleton], [aria-busy=true]");
          return (document.querySelector("h1") && !loading) || performance.now() - begun > 5000;
        }"""
    )
    # Two frames: what came last is painted.
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


if __name__ == "__main__":
    main()
