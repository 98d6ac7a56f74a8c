"""Sparklines are bounded in markets, and those who ask within seconds share one reading."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from cse.gateway.http import sparkline_routes
from cse.portfolio.ports import Close
from tests.unit.gateway.world import MARKET, World

PATH = "/api/sparklines"


class Closes:
    """A history of closes that counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def closes(
        self, market_ids: Sequence[int], _interval_ms: int, from_ms: int, _to_ms: int
    ) -> Sequence[Close]:
        self.asked += 1
        return [Close(market_id, from_ms, 12_400) for market_id in sorted(market_ids)]


@pytest.fixture
def world() -> World:
    made = World()
    made.deps.concerns.portfolio = cast("Any", Closes())
    return made


async def test_so_many_markets_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without names the first ones by symbol, with names no more than the limit."""
    monkeypatch.setattr(sparkline_routes, "MAX_MARKETS", 1)
    assert len(world.catalog.markets) > 1
    client = world.client(None)
    [only] = (await client.get(PATH)).json()["sparklines"]
    assert only["market"] == min(world.catalog.markets_by_symbol)
    two = ",".join(list(world.catalog.markets_by_symbol)[:2])
    refused = await client.get(PATH, params={"markets": two})
    assert (refused.status_code, refused.json()["fields"].keys()) == (400, {"markets"})


async def test_answers_are_shared_for_seconds(world: World) -> None:
    """One reading for all who ask alike, until it is old; another interval is another one; few kinds are kept."""
    reader, client = cast("Closes", world.deps.concerns.portfolio), world.client(None)
    for markets in (None, MARKET, None):
        given = {"markets": markets} if markets else {}
        assert (await client.get(PATH, params=given)).status_code == 200
    assert reader.asked == 1
    world.clock.time_ms += sparkline_routes.MAX_AGE_S * 1_000
    await client.get(PATH)
    await client.get(PATH, params={"interval": "1d"})
    assert reader.asked == 3
    for points in range(2, 3 + sparkline_routes.KEPT):
        await client.get(PATH, params={"points": points})
    before = reader.asked
    await client.get(PATH)
    assert reader.asked == before + 1
