"""Marks: a market's first trade. Nothing else that the public may see is kept with its time (decision 0042)."""

from typing import Final

from cse.gateway.udf.bars import BarHistory, interval_of
from cse.gateway.udf.schemas import Marks, MarksQuery, TimescaleMark
from cse.market_data import Candle
from cse.messages.catalog import Market

_COLOR: Final = "#2962FF"
_LABEL: Final = "F"
_SIZE: Final = 14
"""Pixels."""


class MarkHistory:
    """Answers `marks` and `timescale_marks`."""

    def __init__(self, history: BarHistory) -> None:
        """Read the first bar from `history`."""
        self._history: Final = history

    async def marks(self, market: Market, wanted: MarksQuery, now_ms: int) -> Marks:
        """Return the marks on bars within the range."""
        first = await self._first(market, wanted, now_ms)
        if first is None:
            return Marks([], [], [], [], [], [], [])
        return Marks(
            id=[_id(market)],
            time=[first.open_time_ms // 1_000],
            color=[_COLOR],
            text=[_words(market, first)],
            label=[_LABEL],
            labelFontColor=["#FFFFFF"],
            minSize=[_SIZE],
        )

    async def timescale_marks(
        self, market: Market, wanted: MarksQuery, now_ms: int
    ) -> list[TimescaleMark]:
        """Return the marks on the time axis within the range."""
        first = await self._first(market, wanted, now_ms)
        if first is None:
            return []
        words = [_words(market, first)]
        return [TimescaleMark(_id(market), first.open_time_ms // 1_000, _COLOR, _LABEL, words)]

    async def _first(self, market: Market, wanted: MarksQuery, now_ms: int) -> Candle | None:
        first = await self._history.first(market, interval_of(wanted.resolution), now_ms)
        if first is None or not wanted.from_ <= first.open_time_ms // 1_000 <= wanted.to:
            return None
        return first


def _id(market: Market) -> str:
    return f"first-trade-{market.market_id}"


def _words(market: Market, first: Candle) -> str:
    return f"First trade of {market.symbol}, at {market.format_price(first.open)}"
