"""What the socket's messages can hold: everything that one command can bring about, and nothing else."""

import pytest

from cse.adapters.queue.wire import HEADER, decode_applied, encode_applied
from cse.core.errors import CodecError
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.batch import AppliedBatch
from cse.messages.codec import encode_frame
from cse.messages.wire import AccountStatus, CloseReason, Event

ORDERS = 70_000


def test_one_command_may_have_more_events_than_an_index_counts() -> None:
    """Closing a market with 70,000 orders is told whole: the frames' index begins again at 65,536."""
    closed: list[Event] = [
        e.OrderClosed(order_id, 1001, 1, CloseReason.CANCELLED_ALL, 1, 1)
        for order_id in range(1, ORDERS + 1)
    ]
    batch = [e.Applied(5, 1_000, c.CancelAll(1001, 1), closed)]
    sent = encode_applied(AppliedBatch.of(batch))
    assert decode_applied(sent[HEADER.size :]) == batch


def test_what_does_not_belong_together_is_refused() -> None:
    """Events before any command or of another one, a gap between commands, records, and nothing at all."""
    tick, event = c.Tick(), e.AccountOpened(1001, 0)
    for payload in (
        b"",
        encode_frame(event, 5, 1_000),
        encode_frame(tick, 5, 1_000) + encode_frame(event, 6, 1_000),
        encode_frame(tick, 5, 1_000) + encode_frame(event, 4, 1_000),
        encode_frame(tick, 5, 1_000) + encode_frame(tick, 7, 1_000),
        encode_frame(tick, 5, 1_000) + encode_frame(r.AccountRecord(1, AccountStatus.OPEN, 0, 0)),
    ):
        with pytest.raises(CodecError):
            decode_applied(payload)
