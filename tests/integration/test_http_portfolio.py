"""The own portfolio over HTTP: what was traded, what it cost and earned, and that it adds up to the unit."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.gateway.portfolio import happenings
from tests.integration.http_exchange import (
    HttpExchange,
    deposit,
    good,
    http_exchange,
    place,
    problem,
)

YEAR_MS = 366 * 24 * 60 * 60 * 1_000


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def portfolio(client: httpx.AsyncClient, method: str = "fifo") -> Any:
    return good(await client.get("/api/portfolio", params={"method": method}))


def of(answer: Any, symbol: str) -> Any:
    [found] = [each for each in answer["assets"] if each["asset"] == symbol]
    return found


async def trade_some(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    """Ada buys 10 at 1.00 and 10 at 1.10 and sells 15 at 1.20, bob on the other side."""
    for price, quantity, side in (
        ("1.00", "10", "buy"),
        ("1.10", "10", "buy"),
        ("1.20", "15", "sell"),
    ):
        other = "sell" if side == "buy" else "buy"
        await place(bob, other, price, quantity)
        await place(ada, side, price, quantity)


async def test_a_portfolio_adds_up(exchange: HttpExchange) -> None:
    """Quantities are the balances, held ones included; the two methods differ in cost and agree on profit."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "USDC", "1000")
    await trade_some(ada, bob)
    await place(ada, "sell", "1.30", "2")
    told = {method: await portfolio(ada, method) for method in ("fifo", "average")}
    for method, answer in told.items():
        nova, cash, total = of(answer, "NOVA"), of(answer, "USDC"), answer["total"]
        balances = good(await ada.get("/api/balances"))["balances"]
        held = {b["asset"]: Decimal(b["available"]) + Decimal(b["held"]) for b in balances}
        assert {a["asset"]: Decimal(a["quantity"]) for a in answer["assets"]} == held
        assert answer["method"] == method
        assert answer["reference"] == "USDC"
        assert nova["last_price"].startswith("1.20")
        assert nova["basis"] == "traded"
        earned = Decimal(cash["quantity"]) - 1000
        assert Decimal(nova["cost_basis"]) - Decimal(nova["realised"]) == -earned
        assert Decimal(total["profit"]) == Decimal(total["value"]) - Decimal(total["net_deposits"])
        assert Decimal(total["net_deposits"]) == 1000
        assert sum(a["allocation_ppm"] for a in answer["assets"]) in {999_999, 1_000_000}
    assert of(told["fifo"], "NOVA")["cost_basis"] != of(told["average"], "NOVA")["cost_basis"]
    assert told["fifo"]["total"]["profit"] == told["average"]["total"]["profit"]


async def test_what_was_written_is_in_the_next_answer(exchange: HttpExchange) -> None:
    """Who trades and then asks sees the trade, time after time, while the portfolio goes on where it stood."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    for number in range(1, 4):
        await place(bob, "sell", "1.00", "1")
        await place(ada, "buy", "1.00", "1")
        nova = of(await portfolio(ada), "NOVA")
        assert Decimal(nova["quantity"]) + Decimal(nova["fees"]) == 10_000 + number


async def test_a_deposit_comes_in_at_market_value(exchange: HttpExchange) -> None:
    """Before anybody traded at what the market was listed with, after that at the last price; it is told so."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "NOVA", "5")
    listed = exchange.deps.catalog.markets_by_symbol["NOVA-USDC"].reference_price
    nova = of(await portfolio(ada), "NOVA")
    assert Decimal(nova["last_price"]) == Decimal(listed) / 10_000
    assert nova["basis"] == "market"
    assert Decimal(nova["value"]) == Decimal(nova["cost_basis"]) == 5 * Decimal(nova["last_price"])
    cid = await exchange.trader("cid")
    await place(bob, "sell", "1.10", "1")
    await place(cid, "buy", "1.10", "1")
    await deposit(bob, "NOVA", "7")
    dora = await exchange.person("dora")
    await deposit(dora, "NOVA", "3")
    nova = of(await portfolio(dora), "NOVA")
    assert (nova["basis"], nova["cost_basis"], nova["unrealised"]) == (
        "market",
        "3.300000",
        "0.000000",
    )


async def test_a_long_history_is_read_in_pages(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two make the same portfolio as one page of all."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    for number in range(3):
        await trade_some(ada, bob)
        await deposit(ada, "USDC", str(number + 3))
    whole = await portfolio(ada)
    monkeypatch.setattr(happenings, "PAGE", 2)
    paged = await portfolio(ada, "average")
    for name in ("value", "net_deposits", "profit", "fees_value"):
        assert paged["total"][name] == whole["total"][name]


async def test_history_ends_at_the_portfolio(exchange: HttpExchange) -> None:
    """Every range's last point is the present value and profit; the asset that was traded made it."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "USDC", "1000")
    await trade_some(ada, bob)
    total = (await portfolio(ada))["total"]
    for name in ("1h", "1d", "1w", "1m", "3m", "1y", "all"):
        told = good(await ada.get("/api/portfolio/history", params={"range": name}))
        last = told["points"][-1]
        assert {key: last[key] for key in ("value", "net_deposits", "profit")} == {
            key: total[key] for key in ("value", "net_deposits", "profit")
        }
        [mover] = told["movers"]
        assert (mover["asset"], mover["profit"]) == ("NOVA", total["profit"])
    nobody = await exchange.person("nobody")
    empty = good(await nobody.get("/api/portfolio/history"))
    assert (empty["points"], empty["movers"], empty["unpriced"]) == ([], [], [])


async def test_a_statement_adds_up(exchange: HttpExchange) -> None:
    """Opening + received - paid = closing of every asset; holds are no movement; before the period it opens with."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "USDC", "1000")
    await trade_some(ada, bob)
    await place(ada, "sell", "1.30", "2")
    now = good(await ada.get("/api/time"))["time"]
    period = {"from": now - 60_000, "to": now + 60_000}
    told = good(await ada.get("/api/statements", params=period))
    assert {asset["asset"] for asset in told["assets"]} == {"NOVA", "USDC"}
    for asset in told["assets"]:
        moved = sum(Decimal(x["received"]) - Decimal(x["paid"]) for x in asset["lines"])
        assert Decimal(asset["opening"]) + moved == Decimal(asset["closing"])
    kinds = {line["kind"] for asset in told["assets"] for line in asset["lines"]}
    assert kinds == {"deposit", "trade", "fee"}
    later = {"from": now + 60_000, "to": now + 70_000}
    after = good(await ada.get("/api/statements", params=later))
    assert all(asset["opening"] == asset["closing"] for asset in after["assets"])
    for wrong in ({"from": 5, "to": 5}, {"from": 0, "to": YEAR_MS + 1}, {"from": 5}):
        problem(await ada.get("/api/statements", params=wrong), 400, "invalid_request")


async def test_portfolios_are_their_owners_own(exchange: HttpExchange) -> None:
    """Nobody is told without a log-in, and everybody sees their own alone."""
    ada = await exchange.trader("ada")
    await exchange.person("bob")
    for path in ("/api/portfolio", "/api/portfolio/history", "/api/statements?from=0&to=9"):
        problem(await exchange.client().get(path), 401, "not_authenticated")
    bob = await exchange.person("carl")
    assert (await portfolio(bob))["assets"] == []
    assert len((await portfolio(ada))["assets"]) == 2
