"""The markets page with a thousand markets, a hundred of which trade: until it shows them, frames while it scrolls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from playwright.async_api import Browser

from benches.exchange import Exchange, order
from benches.many_markets import MORE, symbol
from benches.report import Figure
from benches.web_app import SIZE, contentful, watch
from tests.browser.chromium import chromium

_LIVELY: Final = 100
"""Markets that trade."""
_AT_ONCE: Final = 10
_ROWS: Final = "() => document.querySelectorAll('tbody tr[tabindex]').length > 10"
_SCROLL: Final = """() => {
  const box = document.querySelector('table').parentElement;
  let down = true;
  window.__scroll = setInterval(() => {
    box.scrollTop += down ? 60 : -60;
    if (box.scrollTop <= 0) down = true;
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) down = false;
  }, 16);
}"""


def run(*, quick: bool) -> list[Figure]:
    """Serve a thousand markets and look at their page."""
    return asyncio.run(_measure(2 if quick else 7, 5.0 if quick else 20.0))


async def _measure(rounds: int, watched_s: float) -> list[Figure]:
    with Exchange(program="benches.many_markets") as exchange:
        async with chromium() as browser, _trading(exchange):
            return [
                await _shown(browser, exchange, rounds),
                *await _scrolled(browser, exchange, watched_s),
            ]


async def _shown(browser: Browser, exchange: Exchange, rounds: int) -> Figure:
    taken, first = [], []
    for _ in range(rounds):
        context = await browser.new_context(viewport=SIZE)
        page = await context.new_page()
        await page.goto(f"{exchange.url}/markets", wait_until="commit")
        await page.wait_for_function(_ROWS, polling="raf")
        taken.append(float(await page.evaluate("performance.now()")))
        first.append(await contentful(page))
        await context.close()
    return Figure(
        f"markets page, {MORE:,} markets: until rows show",
        sorted(taken)[rounds // 2],
        "ms",
        "its first contentful paint",
        sorted(first)[rounds // 2],
        "< 1,500 ms",
        f"{rounds} starts with an empty cache",
    )


async def _scrolled(browser: Browser, exchange: Exchange, seconds: float) -> list[Figure]:
    context = await browser.new_context(viewport=SIZE)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    await page.goto(f"{exchange.url}/markets")
    await page.wait_for_function(_ROWS)
    still = await watch(page, session, seconds)
    await page.evaluate(_SCROLL)
    moving = await watch(page, session, seconds)
    await context.close()
    note = f"{_LIVELY} of {MORE:,} markets trade about twice a second each; 3,750 px/s"
    return [
        Figure(
            "markets page, scrolling: frames",
            moving["frames"],
            "1/s",
            "standing still",
            still["frames"],
            "60/s",
            note,
        ),
        Figure(
            "markets page, scrolling: main thread",
            moving["share"] * 100,
            "% of a core",
            "standing still",
            still["share"] * 100,
            note=note,
        ),
        Figure(
            "markets page, scrolling: longest frame",
            moving["longest"],
            "ms",
            "standing still",
            still["longest"],
            note=note,
        ),
    ]


@asynccontextmanager
async def _trading(exchange: Exchange) -> AsyncIterator[None]:
    """A hundred markets trade about twice a second each, until the context ends."""
    token = exchange.trader()
    headers = {"Authorization": token}
    for number in range(_LIVELY):
        body = {"asset": symbol(number).removesuffix("-USDC"), "amount": "1000000"}
        exchange.call(
            "POST",
            "/api/sandbox/deposits",
            body,
            **headers,
            **{"Idempotency-Key": f"many-{number}"},
        )
    async with httpx.AsyncClient(
        base_url=exchange.url, headers=headers, timeout=10, trust_env=False
    ) as client:
        pump = asyncio.create_task(_trade(client))
        try:
            yield
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)


async def _trade(client: httpx.AsyncClient) -> None:
    turn = 0
    while True:
        items = []
        for number in range(turn * _AT_ONCE % _LIVELY, turn * _AT_ONCE % _LIVELY + _AT_ONCE):
            ticks = 5_000 + 37 * number + turn // 10 % 20
            for side in ("sell", "buy"):
                one = order(side, f"{ticks // 10_000}.{ticks % 10_000:04}", "5.00")
                items.append({"op": "place", **one, "market": symbol(number)})
        (await client.post("/api/orders/batch", json={"items": items})).raise_for_status()
        turn += 1
        await asyncio.sleep(0.05)
