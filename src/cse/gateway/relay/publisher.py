"""Publishes the channels of the process that has the engine, so that streamers need no views of their own.

`orderbook:{market}`, `trades:{market}`, `ticker:{market}` of all markets, `tickers` and `status` are published always,
everything else while a streamer follows it. Payloads are the very JSON messages of the WebSocket. All of it goes
through one line in order, questions' answers too: what comes after an answer goes on from it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.relay.book_cache import BookCache
from cse.gateway.relay.follows import Follows
from cse.gateway.relay.opening import Anew, Opening
from cse.gateway.relay.outbound import Outbound
from cse.gateway.relay.protocol import (
    ANSWER,
    ASK,
    HELLO_S,
    Answer,
    Ask,
    Lapsed,
    Renew,
    read_asked,
)
from cse.gateway.relay.recent import Recent
from cse.gateway.ws.channel import Channel, ChannelSource
from cse.gateway.ws.channels.names import OF_ALL_MARKETS, ChannelKind, parse
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.market_data.ports import SnapshotCache
from cse.messages.bus import Bus, BusMessage, Missed
from cse.messages.catalog import Catalog

log = structlog.get_logger(__name__)

ALWAYS: Final = (ChannelKind.BOOK, ChannelKind.TRADES, ChannelKind.TICKER)
"""Of every market; besides what tells of all markets."""
GONE_ON_FROM: Final = frozenset({ChannelKind.BOOK, ChannelKind.TRADES})
"""Who missed a little of these gets just that."""
_ASKS_PER_TURN: Final = 8
_MAX_OPENING: Final = 1_000
"""Questions whose answer is not known yet."""
_OPENING_S: Final = 30.0
"""How long such a question is kept; the streamer asks again."""


class Publisher:
    """A subscriber that puts what it gets on the bus; `run` keeps it going."""

    def __init__(
        self, source: ChannelSource, catalog: Catalog, bus: Bus, cache: SnapshotCache
    ) -> None:
        """Publish channels of `source`: those of the catalog's markets, now and later, always."""
        self.outbound: Final = Outbound(bus)
        self.follows: Final = Follows(source, self)
        self._source: Final = source
        self._catalog: Final = catalog
        self._bus: Final = bus
        self._recent: Final = Recent()
        self._books: Final = BookCache(cache, self._recent)
        self._openings: Final[dict[tuple[str, int], Opening]] = {}
        """By streamer and number."""
        self._unknown: Final[set[str]] = set()

    async def run(self) -> None:
        """Publish until cancelled."""
        try:
            async with self._bus.subscribe([ASK]) as messages, asyncio.TaskGroup() as tasks:
                self.begin_anew()  # nobody is told of us before we can be asked
                tasks.create_task(self.outbound.run())
                tasks.create_task(self._books.run())
                tasks.create_task(self._look_around())
                tasks.create_task(self._answer_all(messages))
        finally:
            self.follows.end()

    def begin_anew(self) -> None:
        """Make all streamers ask again: what snapshots show has changed without an update."""
        self.outbound.begin_anew()

    # --- a subscriber

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """Publish an update."""
        place = self.follows.place(channel)
        if place is not None:
            self.outbound.put(place, outgoing)
            self._recent.note(channel.name, outgoing)

    def push(self, outgoing: Outgoing) -> None:
        """Openings are collected by `Opening`; nothing is opened for us."""

    def reopen(self, channel: Channel) -> None:
        """Publish a fresh snapshot: everybody is to begin anew."""
        place = self.follows.place(channel)
        if place is not None:
            channel.open(Anew(partial(self.outbound.put, place)), None)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        """Publish a channel no more. Who asks for it now is told so; who has it learns it when it renews.

        Not by a new epoch: whoever subscribes to what cannot be computed would make all streamers ask for
        everything again and again.
        """
        log.warning("publisher_lost_channel", channel=channel.name, code=code, detail=detail)
        self.follows.forget(channel)

    # --- what is published always

    async def _look_around(self) -> None:
        while True:
            self.look()
            self.outbound.hello()
            await asyncio.sleep(HELLO_S)

    def look(self) -> None:
        """Follow the channels of markets that are new, and leave those that nobody renews."""
        names = [kind.value for kind in sorted(OF_ALL_MARKETS)]
        for symbol in self._catalog.markets_by_symbol:
            names += [f"{kind}.{symbol}" for kind in ALWAYS]
        for name in names:
            if (name, None) not in self.follows:
                self._follow_always(name)
                if parse(name).kind in GONE_ON_FROM:
                    self._recent.begin(name)
        self.follows.forget_expired(self.follows.now_s())
        before_s = time.monotonic() - _OPENING_S
        for opening in [each for each in self._openings.values() if each.since_s < before_s]:
            self._close(opening)

    def _follow_always(self, name: str) -> None:
        try:
            self.follows.add((name, None), always=True)
        except ApiProblem as problem:
            if name not in self._unknown:  # once
                log.warning("publisher_has_no_channel", channel=name, reason=problem.detail)
                self._unknown.add(name)

    # --- questions

    async def _answer_all(self, messages: AsyncIterator[BusMessage | Missed]) -> None:
        count = 0
        async for message in messages:
            if isinstance(message, Missed):  # streamers ask again what was not answered
                log.info("publisher_missed_questions")
                continue
            await self.outbound.room()
            self._take(message)
            count += 1
            if count % _ASKS_PER_TURN == 0:
                await asyncio.sleep(0)

    def _take(self, message: BusMessage) -> None:
        try:
            asked = read_asked(message.payload)
        except msgspec.MsgspecError as error:
            log.warning("publisher_asked_nonsense", error=str(error))
            return
        if isinstance(asked, Renew):
            self._renew(asked)
        else:
            self._answer(asked)

    def _renew(self, asked: Renew) -> None:
        lapsed = [follow for follow in asked.follows if not self.follows.renew(follow)]
        if lapsed:
            self.outbound.put(ANSWER + asked.streamer, Outgoing(Lapsed(lapsed)))

    def _answer(self, ask: Ask) -> None:
        try:
            if len(self._openings) >= _MAX_OPENING:
                raise edge_problem("unavailable", "Too much is asked now; try again.")
            channel = self.follows.add((ask.channel, ask.account_id))
        except ApiProblem as problem:
            self._refuse(ask, problem.code, problem.detail)
            return
        if ask.key in self._openings:  # asked again; it is on its way
            return
        opening = self._openings[ask.key] = Opening(ask, channel, self._opened, self._refused)
        self._source.subscribe(channel, opening)  # some answer nobody who does not listen
        opening.reopen(channel)

    def _close(self, opening: Opening) -> None:
        self._openings.pop(opening.ask.key, None)
        self._source.unsubscribe(opening.channel, opening)

    def _refused(self, opening: Opening, code: str, detail: str) -> None:
        """Answer a question with why the channel ended."""
        self._close(opening)
        self._refuse(opening.ask, code, detail)

    def _refuse(self, ask: Ask, code: str, detail: str) -> None:
        refused = Answer(ask.number, code=code, detail=detail)
        self.outbound.put(ANSWER + ask.streamer, Outgoing(refused))

    def _opened(self, opening: Opening, found: Sequence[Outgoing]) -> None:
        """Answer a question with what opens the channel."""
        self._close(opening)
        ask, channel, messages = opening.ask, opening.channel, found
        if (kind := parse(ask.channel).kind) in GONE_ON_FROM:
            after = self._recent.after(ask.channel, ask.since, channel.sequence)
            if after is not None:
                messages = after
            elif kind is ChannelKind.BOOK:
                messages = self._books.opening(ask.channel, found)
        raw = [msgspec.Raw(each.payload(Encoding.JSON)) for each in messages]
        answer = Answer(ask.number, channel.sequence, raw)
        self.outbound.put(ANSWER + ask.streamer, Outgoing(answer))
