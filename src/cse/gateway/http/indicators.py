"""`GET /api/indicators`: which there are. `GET /api/indicators/{market}`: values of up to ten of them.

One indicator takes its parameters as query parameters (`name=rsi&period=14`), several theirs in brackets
(`name=rsi(14),macd(12,26,9)`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Access
from cse.gateway.http.candles import Interval
from cse.gateway.http.lists import Limit
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.weights import INDICATORS, WEIGHTS
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.problems import invalid
from cse.gateway.schemas import TimeMs
from cse.market_data import INTERVALS
from cse.market_data.indicators import Chosen, Function, Unusable, catalogue, choose, parse_list
from cse.market_data.indicators.blocks import SPANS
from cse.market_data.indicators.catalogue import Value
from cse.market_data.indicators.told import DIGITS, Column

TAG: Final = "Market data"
MAX_PER_CALL: Final = 10
_COMMON: Final = {"name", "interval", "from", "to", "limit"}


class IndicatorsQuery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Which indicators, of which candles."""

    name: Annotated[
        str,
        Meta(
            max_length=1_000,
            description="One indicator (`rsi`), whose parameters may stand beside it (`period=14`); or up to"
            f" {MAX_PER_CALL} with theirs in brackets: `rsi(14),macd,bbands(20,ma_type=ema)`.",
            examples=["rsi", "rsi(14),macd(12,26,9)"],
        ),
    ]
    interval: Interval = "1m"
    from_: Annotated[TimeMs | None, Meta(description="Default: `limit` intervals before `to`.")] = (
        None
    )
    to: Annotated[TimeMs | None, Meta(description="Default: now; never beyond it.")] = None
    limit: Limit = 500


def _parameter_fields() -> Iterator[tuple[str, Any, None]]:
    """Give the query parameters that single indicators take, each with who takes it."""
    takers: dict[str, list[str]] = {}
    for function in catalogue().values():
        for parameter in function.parameters:
            takers.setdefault(parameter.name, []).append(function.name)
    for name, names in sorted(takers.items()):
        some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        about = f"Parameter of a single indicator ({some}); GET /api/indicators has its range."
        yield name, Annotated[str, Meta(max_length=16, description=about)] | None, None


OneIndicatorQuery: Final = msgspec.defstruct(
    "OneIndicatorQuery",
    list(_parameter_fields()),
    bases=(IndicatorsQuery,),
    frozen=True,
    forbid_unknown_fields=True,
    rename={"from_": "from"},
)
"""The same, with every parameter that an indicator of the catalogue has."""


class Catalogue(msgspec.Struct, frozen=True):
    """All indicators."""

    indicators: list[Function]
    digits: Annotated[int, Meta(description="Significant digits of values.")]
    spans: Annotated[
        dict[str, str],
        Meta(
            description="After which UTC time indicators of `memory` `whole` begin anew, by interval."
        ),
    ]


class IndicatorValues(msgspec.Struct, frozen=True):
    """One indicator's values."""

    name: str
    """With all parameters, in the catalogue's order: `rsi(14)`. What the WebSocket's channel is called by."""
    function: str
    parameters: dict[str, Value]
    values: dict[str, Column]
    """By output, aligned with `times`; null where there is no value (yet)."""


class IndicatorList(msgspec.Struct, frozen=True):
    """Values of indicators, oldest first."""

    market: str
    interval: str
    times: list[TimeMs]
    """When the candles open; an interval without a trade has one, too."""
    indicators: list[IndicatorValues]


class IndicatorCalls:
    """Indicators over HTTP."""

    def __init__(self, deps: GatewayDeps, access: Access) -> None:
        """Ask the service; `access` charges calls by how many indicators they ask for."""
        self._deps = deps
        self._access = access
        self._catalogue: bytes | None = None

    async def catalogue(self, _call: Call) -> Answer:
        """Return every indicator with its inputs, parameters (default and range), outputs and how charts show it."""
        if self._catalogue is None:
            self._catalogue = encode(Catalogue(list(catalogue().values()), DIGITS, SPANS))
        return Answer(200, self._catalogue)

    async def values(self, call: Call) -> Answer:
        """Return values of one or several indicators; a candle's value is the same on every page.

        Each indicator beyond the first costs as much of the rate limit as a call of its own.
        """
        market = market_of(self._deps.catalog, call.path["market"])
        wanted = call.query(OneIndicatorQuery)
        if wanted.interval not in INTERVALS:
            raise invalid({"interval": f"must be one of {', '.join(INTERVALS)}"})
        try:
            chosen = _chosen(wanted, call.context.query_string)
            if len(chosen) > 1:
                more = (len(chosen) - 1) * WEIGHTS[INDICATORS]
                await self._access.charge(call.context, call.caller, more)
            return Answer(200, await self._answer(market, wanted, chosen))
        except Unusable as error:
            raise invalid({error.field: error.reason}) from error

    async def _answer(self, market: Any, wanted: Any, chosen: list[Chosen]) -> bytes:
        service, interval, limit = self._deps.indicators, wanted.interval, wanted.limit
        step_ms, now_ms = INTERVALS[interval], service.now_ms()
        to_ms = now_ms + 1 if wanted.to is None else min(wanted.to, now_ms + 1)
        from_ms = max(0, to_ms - limit * step_ms) if wanted.from_ is None else wanted.from_
        window = await service.window(market.market_id, interval, from_ms, to_ms, limit)
        found = [(each, await service.values(market, interval, each, window)) for each in chosen]
        times = list(found[0][1].times)
        lines = [
            IndicatorValues(
                each.name,
                each.function.name,
                each.parameters,
                {
                    output.name: column
                    for output, column in zip(each.function.outputs, values.columns, strict=True)
                },
            )
            for each, values in found
        ]
        return encode(IndicatorList(market.symbol, interval, times, lines))


def _chosen(wanted: Any, query_string: bytes) -> list[Chosen]:
    given = {
        name: value
        for name, value in parse_qsl(query_string.decode("ascii"), keep_blank_values=True)
        if name not in _COMMON
    }
    if not given:
        return parse_list(wanted.name, MAX_PER_CALL)
    if "(" in wanted.name or "," in wanted.name:
        reason = (
            "stands beside a single name only; several take theirs in brackets: rsi(14),sma(20)"
        )
        raise Unusable(next(iter(given)), reason)
    return [choose(wanted.name, given)]


def indicator_operations(deps: GatewayDeps, access: Access) -> list[Operation]:
    """Return the calls about indicators."""
    calls = IndicatorCalls(deps, access)
    return [
        Operation(
            "GET",
            "/api/indicators",
            calls.catalogue,
            "All indicators that can be asked for",
            TAG,
            Catalogue,
        ),
        Operation(
            "GET",
            "/api/indicators/{market}",
            calls.values,
            "Values of indicators",
            TAG,
            IndicatorList,
            query=OneIndicatorQuery,
            parameters={
                "market": {"type": "string", "maxLength": 33, "examples": ["NOVA-USDC"]},
            },
            statuses=(404,),
        ),
    ]
