"""CSV downloads over HTTP: what they hold is what the calls say, nothing in them runs, and they are bounded."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.gateway.portfolio import exports
from tests.integration.http_exchange import (
    HttpExchange,
    deposit,
    good,
    http_exchange,
    place,
    problem,
)

FILES = ("/api/fills/export.csv", "/api/ledger/export.csv", "/api/orders/export.csv")


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def rows(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, str]]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def some_history(exchange: HttpExchange) -> httpx.AsyncClient:
    """Ada buys at 1.00 and 1.10 and sells half at 1.20."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "USDC", "1000")
    for price, quantity, side in (
        ("1.00", "10", "buy"),
        ("1.10", "10", "buy"),
        ("1.20", "15", "sell"),
    ):
        await place(bob, "sell" if side == "buy" else "buy", price, quantity)
        await place(ada, side, price, quantity, client_order_id=f"-A1:{price}")
    return ada


@pytest.mark.parametrize("page", [2, 500])
async def test_files_hold_what_the_lists_hold(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Every row once and in the same order, whatever the pages; times are ISO 8601, empty cells are nulls."""
    monkeypatch.setattr(exports, "PAGE", page)
    ada = await some_history(exchange)
    for name in ("fills", "ledger", "orders"):
        wanted = {"limit": 1000} | ({"status": "all"} if name == "orders" else {})
        listed = good(await ada.get(f"/api/{name}", params=wanted))[name]
        found = await rows(ada, f"/api/{name}/export.csv")
        assert [row.keys() for row in found] == [item.keys() for item in listed]
        for row, item in zip(found, listed, strict=True):
            for key, value in item.items():
                assert row[key] == _told(key, value)


def _told(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key in {"time", "created_at", "updated_at", "expires_at"}:
        moment = datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    # Text that begins as a formula does is defused.
    return f"'{value}" if str(value).startswith("-A1") else str(value)


async def test_a_period_cuts_files(exchange: HttpExchange) -> None:
    """Rows from `from` on and before `to`; of one market or asset where asked; a period must be one."""
    ada = await some_history(exchange)
    fills = good(await ada.get("/api/fills"))["fills"]
    middle = fills[1]["time"]
    later = [fill for fill in fills if fill["time"] >= middle]
    found = await rows(ada, "/api/fills/export.csv", **{"from": middle, "market": "NOVA-USDC"})
    assert len(found) == len(later)
    assert len(await rows(ada, "/api/fills/export.csv", to=middle)) == len(fills) - len(later)
    assert await rows(ada, "/api/orders/export.csv", to=1) == []
    cash = await rows(ada, "/api/ledger/export.csv", asset="USDC")
    assert {row["asset"] for row in cash} == {"USDC"}
    for path in FILES:
        wrong = await ada.get(path, params={"from": 5, "to": 5})
        problem(wrong, 400, "invalid_request")
    problem(await ada.get(FILES[0], params={"market": "NO-PE"}), 404, "market_not_found")
    problem(await ada.get(FILES[1], params={"asset": "NOPE"}), 404, "asset_not_found")


@pytest.mark.parametrize("method", ["fifo", "average"])
async def test_the_tax_report_adds_up_to_the_portfolio(exchange: HttpExchange, method: str) -> None:
    """All gains of the year together are what the portfolio says was realised; other years are empty."""
    ada = await some_history(exchange)
    year = datetime.now(UTC).year
    found = await rows(ada, "/api/tax.csv", year=year, method=method)
    told = good(await ada.get("/api/portfolio", params={"method": method}))
    assert sum(Decimal(row["gain"]) for row in found) == Decimal(told["total"]["realised"])
    assert sum(Decimal(row["quantity"]) for row in found) == 15
    assert all(Decimal(r["gain"]) == Decimal(r["proceeds"]) - Decimal(r["cost"]) for r in found)
    assert [bool(row["acquired"]) for row in found] == ([True] * 2 if method == "fifo" else [False])
    assert {(row["kind"], row["basis"], row["currency"]) for row in found} == {
        ("sale", "traded", "USDC")
    }
    assert await rows(ada, "/api/tax.csv", year=year - 1, method=method) == []
    problem(await ada.get("/api/tax.csv"), 400, "invalid_request")


async def test_downloads_are_the_own_ones_one_at_a_time(exchange: HttpExchange) -> None:
    """Nobody gets them without a log-in; while one is sent, the next is refused, and after it there is place again."""
    ada = await some_history(exchange)
    for path in (*FILES, "/api/tax.csv?year=2026"):
        problem(await exchange.client().get(path), 401, "not_authenticated")
        head = await ada.head(path)
        assert (head.status_code, head.content) == (200, b"")
    bob = await exchange.person("carl")
    assert all([await rows(bob, path) == [] for path in FILES])
    for path in FILES:
        assert await rows(ada, path)
