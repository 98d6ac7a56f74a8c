"""Rows of frames are counted by their headers as their objects would be."""

import random

from cse.gateway.entry.counting import changes_of, trades_of
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.codec import encode_frame
from cse.messages.wire import Event, Side
from tests.integration.entry.world import ANN, BOB, order

PLACE = order(ANN, name="a-name")
KINDS = (
    PLACE,
    c.AmendOrder(ANN, 5, "", 1, 0, 1),
    c.CancelOrder(ANN, 5, ""),
    c.CancelAll(ANN, 0),
    c.SetCancelAfter(ANN, 5_000),
)
TRADE = e.Trade(1, 1, 10, 10, 10, 10, Side.BUY, 1, 2, ANN, BOB, 0, 0, 0)


def test_commands_are_counted() -> None:
    """Every mixture, and rows of one kind, which take the short way."""
    rng = random.Random(5)
    rows = [[kind] * count for kind in KINDS for count in (1, 2, 50)]
    rows += [rng.choices(KINDS, k=rng.randint(1, 30)) for _ in range(200)]
    for row in rows:
        counted = changes_of(b"".join(map(encode_frame, row)), len(row))
        kinds = [type(command) for command in row]
        assert counted == (
            kinds.count(c.PlaceOrder),
            kinds.count(c.AmendOrder),
            kinds.count(c.CancelOrder) + kinds.count(c.CancelAll),
        )


def test_trades_are_found_among_other_events() -> None:
    """Only real frames count: a number that looks like the beginning of a trade is no trade."""
    begins = int.from_bytes(encode_frame(TRADE)[:6] + b"\0\0", "little")
    closed = e.CancelAfterSet(ANN, begins)
    events: list[Event] = [closed, TRADE, closed, closed, TRADE]
    assert trades_of(b"".join(map(encode_frame, events))) == [(ANN, BOB)] * 2
    assert list(trades_of(encode_frame(closed))) == []
    assert list(trades_of(b"")) == []
