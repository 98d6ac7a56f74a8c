"""Plays a recording through the public API into a market, as fast as asked, and checks it on the way."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final, Protocol

import msgspec

from cse.sandbox.client.credentials import CredentialStore
from cse.sandbox.client.failures import Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.trader import Trader
from cse.sandbox.replay.checks import BookCheck, LedgerCheck, TapeCheck
from cse.sandbox.replay.evidence import (
    Listing,
    check_ledger,
    last_trade_id,
    read_book,
    read_listing,
    read_money,
    read_tape,
)
from cse.sandbox.replay.players import Players
from cse.sandbox.replay.steps import Recording, ReplayError, Role, Step, TapeEntry

PLAY_MONEY: Final = "1000000000"
"""What each account gets of both assets before a replay; more than any recorded book is worth."""


class Source(Protocol):
    """A recording that can be turned into steps."""

    @property
    def recording(self) -> Recording:
        """Its name, units and size."""
        ...

    def steps(self, prefix: str) -> Iterator[Step]:
        """Yield the steps, oldest first; raises ReplayError for what cannot be read."""
        ...


class Outcome(msgspec.Struct, frozen=True):
    """How a replay went."""

    recording: Recording
    market: str
    messages: int
    orders: int
    amends: int
    cancels: int
    trades: int
    unknown: int
    """Answers that were lost on the way and found out afterwards."""
    seconds: float
    latencies_ns: Sequence[int]
    book: BookCheck
    tape: TapeCheck
    ledger: LedgerCheck
    notes: dict[str, int]
    """What else the recording said, and how often."""

    @property
    def ok(self) -> bool:
        """Whether every check matched."""
        return not self.book.differences and not self.tape.first and self.ledger.ok


class Runner:
    """One replay of one recording into one market."""

    def __init__(
        self,
        source: Source,
        market: str,
        url: str,
        store: CredentialStore,
        *,
        speed: float | None = None,
        patience_s: float = 60.0,
    ) -> None:
        """Set up; `speed` None plays as fast as it goes, 1 in real time, 10 ten times as fast.

        `patience_s` is how long the exchange may be away before the replay gives up.
        """
        self._source = source
        self._market = market
        self._url = url
        self._store = store
        self._speed = speed
        self._patience_s = patience_s
        self._book = BookCheck()
        self._expected: list[TapeEntry] = []
        self._notes: dict[str, int] = {}
        self._messages = 0

    async def run(self, progress: Callable[[int], None] = lambda _: None) -> Outcome:
        """Play everything; `progress` hears how many messages have been played so far.

        Raises:
            ReplayError: the recording or the market does not allow it; GaveUp: the exchange is gone.
        """
        async with AsyncExitStack() as stack:
            traders = {
                role: Trader(await stack.enter_async_context(self._client(role))) for role in Role
            }
            listing = await self._prepare(traders)
            rest = traders[Role.MAKER].rest
            before = await read_money(traders.values(), listing)
            last_trade = await last_trade_id(rest, self._market)
            players = Players(self._market, listing.scales, traders)
            began = time.perf_counter()
            await self._play(players, rest, listing, progress)
            seconds = time.perf_counter() - began
            tape = await read_tape(rest, listing, last_trade)
            ledger = await check_ledger(traders.values(), listing, before, last_trade, len(tape))
            for trader in traders.values():
                await trader.cancel_all(self._market)
        return self._outcome(players, seconds, tape, ledger)

    def _client(self, role: Role) -> RestClient:
        return RestClient(self._url, self._store.get(f"replay_{role}"), self._patience_s)

    async def _prepare(self, traders: dict[Role, Trader]) -> Listing:
        """Log in, clear the market of an earlier replay's orders, and bring play money."""
        for trader in traders.values():
            await trader.rest.log_in()
        rest = traders[Role.MAKER].rest
        try:
            listing = await read_listing(rest, self._market, self._source.recording)
        except Refused as refusal:
            raise ReplayError(f"{self._market} cannot be traded: {refusal}") from refusal
        for trader in traders.values():
            await trader.cancel_all(self._market)
        book = await read_book(rest, listing, 1)
        if book.bids or book.asks:
            raise ReplayError(f"a replay needs an empty book; others have orders in {self._market}")
        for trader in traders.values():
            for asset in listing.assets:
                body = {"asset": asset, "amount": PLAY_MONEY}
                await trader.rest.post_once("/sandbox/deposits", body, secrets.token_hex(16))
        return listing

    async def _play(
        self, players: Players, rest: RestClient, listing: Listing, progress: Callable[[int], None]
    ) -> None:
        started, first_ns = time.monotonic_ns(), None
        for step in self._source.steps(f"r{secrets.token_hex(4)}"):
            if first_ns is None:
                first_ns = step.due_ns
            await self._wait_for(started, step.due_ns - first_ns)
            await players.act(step.actions)
            self._take_note(step)
            if step.book is not None:
                actual = await read_book(rest, listing, self._source.recording.depth)
                self._book.compare(self._messages, step, actual)
            progress(self._messages)

    async def _wait_for(self, started: int, recorded_ns: int) -> None:
        """Wait until so much recorded time has passed at our speed; when late, go on at once."""
        if self._speed is not None:
            due = started + int(recorded_ns / self._speed)
            if (left := due - time.monotonic_ns()) > 0:
                await asyncio.sleep(left / 1e9)

    def _take_note(self, step: Step) -> None:
        self._expected += step.tape
        self._messages += step.messages
        if step.note:
            self._notes[step.note] = self._notes.get(step.note, 0) + 1

    def _outcome(
        self, players: Players, seconds: float, tape: list[TapeEntry], ledger: LedgerCheck
    ) -> Outcome:
        return Outcome(
            recording=self._source.recording,
            market=self._market,
            messages=self._messages,
            orders=players.orders,
            amends=players.amends,
            cancels=players.cancels,
            trades=len(tape),
            unknown=players.unknown,
            seconds=seconds,
            latencies_ns=players.latencies_ns,
            book=self._book,
            tape=TapeCheck.of(self._expected, tape),
            ledger=ledger,
            notes=self._notes,
        )
