"""What the socket's messages can hold: everything that one command can bring about."""

from cse.adapters.queue.wire import HEADER, decode_applied, encode_applied
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.wire import CloseReason, Event

ORDERS = 70_000


def test_one_command_may_have_more_events_than_an_index_counts() -> None:
    """Closing a market with 70,000 orders is told whole: the frames' index begins again at 65,536."""
    closed: list[Event] = [
        e.OrderClosed(order_id, 1001, 1, CloseReason.CANCELLED_ALL, 1, 1)
        for order_id in range(1, ORDERS + 1)
    ]
    batch = [e.Applied(5, 1_000, c.CancelAll(1001, 1), closed)]
    assert decode_applied(encode_applied(batch)[HEADER.size :]) == batch
