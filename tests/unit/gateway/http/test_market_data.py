"""What anybody may ask for costs bounded memory."""

from types import SimpleNamespace
from typing import Any

import pytest

from cse.gateway.http import market_data
from cse.gateway.http.market_data import BookQuery, MarketDataCalls
from tests.unit.gateway.world import MARKET, World


async def test_printed_books_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for every depth does not fill the memory; each answer is as good as uncached."""
    monkeypatch.setattr(market_data, "MAX_CACHED_BYTES", 2_000)
    calls = MarketDataCalls(World().deps)
    for depth in [*range(1, 200), *range(1, 200)]:
        query = BookQuery(depth)
        call: Any = SimpleNamespace(path={"market": MARKET}, query=lambda _, query=query: query)
        answer = await calls.orderbook(call)
        assert MARKET.encode() in answer.body
        assert sum(len(body) for _, body in calls._books.values()) <= 2_000
    assert calls._books, "the latest are kept"
