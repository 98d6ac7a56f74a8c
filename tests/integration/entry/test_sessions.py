"""Sessions of binary order entry over real sockets: log-in, batches, answers, executions, numbers, resending."""

import asyncio
from pathlib import Path

import pytest

from cse.client import LoginFailed, OrderEntryClient, SubmitRefused
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.wire import CloseReason, Side
from tests.integration.entry.world import ANN, BOB, Venue, order, sell, venue


@pytest.mark.parametrize("transport", ["tcp", "unix"])
async def test_an_order_is_placed_and_answered_when_durable(tmp_path: Path, transport: str) -> None:
    """Log in, place, amend, cancel: each answer holds the account's events, and the journal has the command."""
    async with venue(tmp_path) as v:
        client = v.client(ANN, getattr(v, transport))
        greeting = await client.connect()
        assert (greeting.account_id, greeting.next_submit, greeting.max_commands) == (ANN, 1, 1_000)
        placed = await client.place(order(ANN, name="one"))
        accepted = placed.events[0]
        assert isinstance(accepted, e.OrderAccepted)
        assert accepted.client_order_id == "one"
        assert v.journal.last_sequence == placed.sequence
        amended = await client.amend(order_id=accepted.order_id, quantity=500)
        assert isinstance(amended.events[0], e.OrderAmended)
        closed = await client.cancel(client_order_id="one")
        assert [type(event) for event in closed.events] == [e.OrderClosed]
        again = await client.cancel(client_order_id="one")
        assert isinstance(again.events[0], e.Rejected)
        assert (await client.cancel_all()).events == []
        await client.logout()
