"""What everybody sees: books and last prices of the bots' markets, from one public connection."""

import asyncio
from typing import Any

import structlog

from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.strategy import MarketView
from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.stream import Stream
from cse_sdk import BookBroken, LocalBook

log = structlog.get_logger(__name__)


class MarketFeed:
    """Local books, checked by sequence and checksum, and the last trade of each market."""

    def __init__(self, rest: RestClient, instruments: dict[str, Instrument]) -> None:
        """Follow `instruments`; nothing is sent before `run`."""
        self._instruments = instruments
        self._books = {market: LocalBook(market) for market in instruments}
        self._last: dict[str, int] = {}
        channels = [
            f"{kind}.{market}" for market in instruments for kind in ("orderbook", "trades")
        ]
        self._stream = Stream(rest, channels, self._on_message)
        self._broken: asyncio.Queue[str] = asyncio.Queue()
        self.resyncs = 0
        """How often a book had to be asked for again."""

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stream.run())
            tasks.create_task(self._mend())

    def view(self, market: str) -> MarketView:
        """Return the touch and the last price; unknown while there is no good book."""
        book, instrument = self._books[market], self._instruments[market]
        if not book.ready or not self._stream.connected.is_set():
            return MarketView(last=self._last.get(market))
        best = book.view(1)
        return MarketView(
            best_bid=instrument.ticks(best.bids[0][0]) if best.bids else None,
            best_ask=instrument.ticks(best.asks[0][0]) if best.asks else None,
            last=self._last.get(market),
        )

    def _on_message(self, message: dict[str, Any]) -> None:
        kind, _, market = message["channel"].partition(".")
        if kind == "trades":
            if message["trades"]:
                self._last[market] = self._instruments[market].ticks(message["trades"][-1]["price"])
            return
        try:
            self._books[market].apply(message)
        except BookBroken as error:
            log.warning("book_broken", why=str(error))
            self._broken.put_nowait(message["channel"])

    async def _mend(self) -> None:
        while True:
            channel = await self._broken.get()
            self.resyncs += 1
            try:
                await self._stream.resync(channel)
            except (NoAnswer, Refused) as error:
                log.info("resync_failed", why=str(error))  # a new connection brings new snapshots
