"""A session tells everything: from its answers and executions alone a client knows its orders and balances.

Two people trade at random while their connections break and are resumed again and again. At the end a mirror that
was fed by nothing but the sessions' events equals the engine's own records, order by order and unit by unit.
"""

import asyncio
import random
from pathlib import Path

import pytest

from cse.client import ConnectionLost, OrderEntryClient
from cse.client.order_entry import Result
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages import session as s
from cse.messages.wire import Command, Message, Side, TimeInForce
from tests.integration.entry.world import ANN, BOB, RICH, Venue, order, venue

USDC, NOVA = 1, 2

pytestmark = pytest.mark.usefixtures("engine")


class Mirror:
    """What an account has and has open, by its session's events alone."""

    def __init__(self) -> None:
        self.available = {USDC: RICH, NOVA: RICH}
        self.held = {USDC: 0, NOVA: 0}
        self.open: dict[int, tuple[Side, int, int]] = {}
        """Side, lots altogether, lots that have traded."""
        self.seen: set[tuple[int, str]] = set()

    def take(self, sequence: int, event: Message) -> None:
        told = (sequence, repr(event))
        assert told not in self.seen, "the same event twice"
        self.seen.add(told)
        order_id = event.order_id  # type: ignore[attr-defined]  # all that come here have one
        if isinstance(event, e.OrderAccepted):
            self.open[order_id] = (event.side, event.quantity, 0)
            self._hold(event.side, event.held)
        elif isinstance(event, s.Fill):
            side, lots, traded = self.open[order_id]
            assert side is event.side
            self.open[order_id] = (side, lots, traded + event.quantity)
            self._fill(event)
        elif isinstance(event, e.OrderAmended):
            side, _, traded = self.open[order_id]
            self.open[order_id] = (side, event.quantity, traded)
            self._hold(side, event.held_change)
        elif isinstance(event, e.OrderReduced):
            side, lots, traded = self.open[order_id]
            self.open[order_id] = (side, lots - event.quantity, traded)
            self._hold(side, -event.released)
        elif isinstance(event, e.OrderClosed):
            side, _, _ = self.open.pop(order_id)
            self._hold(side, -event.released)

    def _hold(self, side: Side, amount: int) -> None:
        asset = USDC if side is Side.BUY else NOVA
        self.available[asset] -= amount
        self.held[asset] += amount

    def _fill(self, fill: s.Fill) -> None:
        if fill.side is Side.BUY:
            self.held[USDC] -= fill.quote_amount + fill.released
            self.available[USDC] += fill.released
            self.available[NOVA] += fill.base_amount - fill.fee
        else:
            self.held[NOVA] -= fill.base_amount
            self.available[USDC] += fill.quote_amount - fill.fee


class Trader:
    """Trades at random, loses its connection at random, and keeps a mirror."""

    def __init__(self, v: Venue, account_id: int, seed: int) -> None:
        self.account_id = account_id
        self.client: OrderEntryClient = v.client(account_id)
        self.mirror = Mirror()
        self.rng = random.Random(seed)
        self.events: list[tuple[int, list[Message]]] = []

    async def run(self, steps: int) -> None:
        await self.client.connect()
        for _ in range(steps):
            commands = [self._command() for _ in range(self.rng.randrange(1, 20))]
            submitting = asyncio.create_task(self.client.submit(commands))
            for _ in range(self.rng.randrange(4)):
                await asyncio.sleep(0)
            if self.rng.random() < 0.3:
                await self._break(submitting)
            else:
                self._note(await submitting)
        self.collect()

    async def _break(self, submitting: "asyncio.Task[list[Result]]") -> None:
        self.collect()
        self.client.abort()
        try:
            self._note(await submitting)
        except ConnectionLost:
            resumed = await self.client.resume()
            assert resumed.complete
            for results in resumed.answers.values():
                assert isinstance(results, list)
                self._note(results)
        else:
            await self.client.resume()

    def _note(self, results: list[Result]) -> None:
        self.events += [(result.sequence, result.events) for result in results]

    def collect(self) -> None:
        """Take the executions that have come by now."""
        queue = self.client._executions
        while not queue.empty():
            execution = queue.get_nowait()
            if execution is not None:
                self.events.append((execution.sequence, [execution.event]))

    def _command(self) -> Command:
        rng = self.rng
        dice = rng.random()
        if dice < 0.1:
            return c.CancelAll(self.account_id, 0)
        if dice < 0.3:
            return c.CancelOrder(self.account_id, rng.randrange(1, 2_000), "")
        if dice < 0.4:
            quantity = rng.randrange(100, 3_000)
            return c.AmendOrder(self.account_id, rng.randrange(1, 2_000), "", 0, 0, quantity)
        side = rng.choice((Side.BUY, Side.SELL))
        placed = order(
            self.account_id, side, 12_500 + rng.randrange(-20, 20), rng.randrange(100, 3_000)
        )
        return _ioc(placed) if dice > 0.9 else placed


def _ioc(placed: c.PlaceOrder) -> c.PlaceOrder:
    fields = {name: getattr(placed, name) for name in placed.__struct_fields__}
    return c.PlaceOrder(**{**fields, "time_in_force": TimeInForce.IOC})


@pytest.mark.parametrize("seed", range(3))
async def test_a_mirror_fed_by_sessions_equals_the_engine(tmp_path: Path, seed: int) -> None:
    """Nothing is missing, nothing comes twice, whatever breaks; amounts add up to the unit."""
    async with venue(tmp_path, orders_per_second=10**9, order_burst=10**9) as v:
        traders = [Trader(v, ANN, seed), Trader(v, BOB, seed + 100)]
        await asyncio.gather(*(trader.run(60) for trader in traders))
        records = list(v.sequencer._engine.records())
        for trader in traders:
            await trader.client.submit([c.CancelOrder(trader.account_id, 2**53, "")])
            trader.collect()
            assert trader.client.session is not None
            mirror = trader.mirror
            # Answers and executions come in two rows; by the journal's sequence they are one again.
            for sequence, events in sorted(trader.events, key=lambda told: told[0]):
                for event in events:
                    if not isinstance(event, e.Rejected):
                        mirror.take(sequence, event)
            _compare(mirror, trader.account_id, records)


def _compare(mirror: Mirror, account_id: int, records: list[r.Record]) -> None:
    balances = {
        record.asset_id: (record.available, record.held)
        for record in records
        if isinstance(record, r.BalanceRecord) and record.account_id == account_id
    }
    assert balances == {
        asset: (mirror.available[asset], mirror.held[asset]) for asset in (USDC, NOVA)
    }
    orders = {
        record.order_id: (record.side, record.quantity, record.filled_quantity)
        for record in records
        if isinstance(record, r.OrderRecord) and record.account_id == account_id
    }
    assert orders == mirror.open
