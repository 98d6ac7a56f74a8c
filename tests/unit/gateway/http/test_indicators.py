"""Indicators over HTTP: the catalogue, one or several with their parameters, and refusals that name the field."""

from typing import Any

import pytest

from cse.gateway.http.indicators import MAX_PER_CALL
from cse.market_data import Candle
from tests.unit.gateway.world import MARKET, START_MS, World

MINUTE = 60_000
BEGIN = START_MS // MINUTE * MINUTE


def traded_world(minutes: int = 60, **options: Any) -> World:
    """A market whose minutes close at 1.0000, 1.0001, ..."""
    world = World(**options)
    bars = [
        Candle(BEGIN + n * MINUTE, *([10_000 + n] * 4), 100 * (n + 1), 1, 1) for n in range(minutes)
    ]
    for interval in ("1s", "1m"):
        world.hub.candles(1, interval).extend(bars)
    world.hub.time_ms = world.clock.time_ms = BEGIN + (minutes - 1) * MINUTE + 1
    return world


async def ask(world: World, query: str, market: str = MARKET) -> tuple[int, Any]:
    async with world.client(None) as client:
        answer = await client.get(f"/api/indicators/{market}?{query}")
    return answer.status_code, answer.json()


async def test_the_catalogue_tells_what_can_be_asked_for() -> None:
    """Names, groups, inputs, parameters with default and range, outputs and how a chart shows them."""
    async with World().client(None) as client:
        answer = (await client.get("/api/indicators")).json()
    found = {each["name"]: each for each in answer["indicators"]}
    assert len(found) >= 100
    assert found["rsi"] == {
        "name": "rsi",
        "group": "momentum",
        "title": "Relative Strength Index",
        "inputs": ["close"],
        "parameters": [
            {
                "name": "period",
                "title": "Time Period",
                "type": "integer",
                "default": 14,
                "minimum": 2,
                "maximum": 500,
            }
        ],
        "outputs": [{"name": "value", "style": "line"}],
        "pane": "own",
        "lookback": 14,
        "memory": "fading",
    }
    assert found["macdext"]["parameters"][1]["choices"][:3] == ["sma", "ema", "wma"]
    assert found["bbands"]["pane"] == "overlay"
    assert answer["digits"] == 10
    assert answer["spans"]["1m"] == "day"


async def test_one_indicator_takes_its_parameters_beside_it() -> None:
    """As the contract's example says; values are aligned with times, null before the first."""
    status, answer = await ask(traded_world(), "name=sma&interval=1m&period=3&limit=58")
    assert status == 200
    assert (answer["market"], answer["interval"]) == (MARKET, "1m")
    assert answer["times"] == [BEGIN + n * MINUTE for n in range(2, 60)]
    [sma] = answer["indicators"]
    assert (sma["name"], sma["function"], sma["parameters"]) == ("sma(3)", "sma", {"period": 3})
    assert sma["values"]["value"] == pytest.approx([1 + (n - 1) / 10_000 for n in range(2, 60)])
    _, whole = await ask(traded_world(), "name=sma&period=3")
    assert whole["times"] == [BEGIN + n * MINUTE for n in range(60)]
    assert whole["indicators"][0]["values"]["value"][:3] == [None, None, 1.0001]


async def test_several_take_theirs_in_brackets() -> None:
    """In the order in which they were asked for, all aligned with the same times; volumes are in base."""
    names = "obv,macd(3,6,2),bbands(5,2,ma_type=ema)"
    status, answer = await ask(traded_world(), f"name={names}&limit=10")
    assert status == 200
    found = answer["indicators"]
    assert [each["name"] for each in found] == ["obv", "macd(3,6,2)", "bbands(5,2,2,ema)"]
    assert [list(each["values"]) for each in found] == [
        ["value"],
        ["macd", "macdsignal", "macdhist"],
        ["upperband", "middleband", "lowerband"],
    ]
    for each in found:
        assert {len(column) for column in each["values"].values()} == {10}
    # 2023-11-14 22:13 UTC is no midnight between these minutes: the sum is of all of them.
    assert found[0]["values"]["value"][-1] == sum(range(1, 61))


async def test_windows_are_those_of_candles() -> None:
    """From and to cut as they do candles, nothing comes from before the first trade, nor from the future."""
    world = traded_world()
    _, answer = await ask(
        world, f"name=sma(2)&from={BEGIN + 5 * MINUTE - 1}&to={BEGIN + 8 * MINUTE}"
    )
    assert answer["times"] == [BEGIN + n * MINUTE for n in (5, 6, 7)]
    _, answer = await ask(world, "name=sma(2)&from=0&limit=2")
    assert answer["times"] == [BEGIN, BEGIN + MINUTE]
    for query in (
        f"from=0&to={BEGIN}",
        f"from={BEGIN + 60 * MINUTE}",
        f"to={2**53 - 1}&from={2**52}",
    ):
        status, answer = await ask(world, f"name=sma(2)&{query}")
        assert (status, answer["times"]) == (200, [])
        assert answer["indicators"][0]["values"] == {"value": []}
    status, answer = await ask(World(), "name=sma(2)")
    assert (status, answer["times"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("", "name", "is required"),
        ("name=", "name", "not written like"),
        ("name=nope", "name", "GET /api/indicators"),
        ("name=rsi&period=1", "period", "a whole number from 2 to 500"),
        ("name=rsi&period=x", "period", "a whole number from 2 to 500"),
        ("name=rsi(1)", "period", "a whole number from 2 to 500"),
        ("name=bbands&ma_type=foo", "ma_type", "one of sma, ema"),
        ("name=bbands&deviations_up=1e9", "deviations_up", "a number from -1000 to 1000"),
        ("name=obv&period=3", "period", "takes none"),
        ("name=rsi&length=3", "length", "is not a field"),
        ("name=rsi,sma&period=3", "period", "in brackets"),
        ("name=rsi&period=3&period=4", "period", "given twice"),
        ("name=rsi,rsi(14)", "name", "twice"),
        ("name=rsi&interval=7m", "interval", "must be one of"),
        ("name=rsi&limit=1001", "limit", "1000"),
        ("name=rsi&from=-1", "from", ">= 0"),
        ("name=" + ",".join(f"sma({n})" for n in range(2, 13)), "name", "1 to 10"),
        ("name=macdext(500,t3,500,t3,500,t3)", "name", "at most 5000"),
    ],
)
async def test_what_is_wrong_is_named(query: str, field: str, words: str) -> None:
    """400 `invalid_request`, with the field at fault and what it may be."""
    status, answer = await ask(traded_world(5), query)
    assert (status, answer["code"]) == (400, "invalid_request")
    assert list(answer["fields"]) == [field]
    assert words in answer["fields"][field]


async def test_a_market_that_is_not_is_404() -> None:
    """As everywhere."""
    assert (await ask(World(), "name=rsi", "NOPE-USDC"))[0] == 404


async def test_each_indicator_is_paid_for() -> None:
    """Ten at once cost as much of the rate limit as ten calls, that is: 50 tokens."""
    world = traded_world(5, limits=(1, 125))
    names = ",".join(f"sma({n})" for n in range(2, 2 + MAX_PER_CALL))
    assert (await ask(world, f"name={names}"))[0] == 200
    assert (await ask(world, f"name={names}"))[0] == 200
    status, answer = await ask(world, f"name={names}")
    assert (status, answer["code"]) == (429, "rate_limited")
    assert (await ask(world, "name=sma(2)"))[0] == 200
