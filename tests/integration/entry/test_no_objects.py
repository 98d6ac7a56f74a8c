"""With the native engine an order goes from the socket to the journal and back without becoming a Python object.

Decoding is made impossible: the decoders of orders and of what comes of them raise. The answer must come all
the same, and the bytes in the journal must be those that were sent.
"""

import socket
from pathlib import Path

import pytest

from cse.adapters.clock import SystemClock
from cse.engine.backend import native_module
from cse.gateway.entry.tcp import StreamServer
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.codec import LAYOUTS, encode_frame
from cse.messages.registry import TYPE_NUMBERS
from cse.sandbox.venue import bootstrap_commands
from cse.settings import load_settings
from cse.wiring.order_entry import running_desk
from cse.wiring.sequencer import running_sequencer
from tests.integration.entry.world import ANN, BOB, ListedKeys, Venue, order, people, sell

NEVER = (
    c.PlaceOrder,
    c.CancelOrder,
    e.OrderAccepted,
    e.OrderClosed,
    e.Trade,
    e.LevelChanged,
    e.Rejected,
    s.Fill,
)


def _refuse(_values: object) -> object:
    raise AssertionError("an order became an object")


async def test_orders_stay_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 commands that rest, trade, cancel and fail, in one frame, beside a listener on the other side."""
    assert native_module("native") is not None
    settings = load_settings(
        overrides={"data_dir": tmp_path, "engine": "native", "log.level": "error"}, environ={}
    )
    clock, keys = SystemClock(), ListedKeys()
    bound = socket.create_server(("127.0.0.1", 0))
    address = f"tcp:127.0.0.1:{bound.getsockname()[1]}"
    async with running_sequencer(settings, clock) as sequencer:
        await sequencer.submit_batch([*bootstrap_commands(), *people()])
        async with running_desk(settings, sequencer, keys, clock) as desk:
            server = StreamServer(desk)
            await server.listen(bound)
            v = Venue(sequencer, None, desk, keys, address, "")  # type: ignore[arg-type]  # its journal is on disk
            ann, bob = await v.logged_in(ANN), await v.logged_in(BOB)
            batch = [sell(ANN), order(ANN), c.CancelOrder(ANN, 0, "none"), sell(ANN)] * 250
            frames = b"".join(map(encode_frame, batch))
            submit = encode_frame(s.Submit(len(batch), len(frames)), 1) + frames
            take = order(BOB, quantity=3_000)
            for cls in NEVER:
                number = TYPE_NUMBERS[cls]
                monkeypatch.setitem(LAYOUTS, number, LAYOUTS[number]._replace(decode=_refuse))
            ann.send(submit)
            answer = await ann.take()
            assert isinstance(answer, s.Answer)
            assert (answer.count, answer.events > 1_000) == (1_000, True)
            bob.submit(1, take)
            assert isinstance(await bob.take(), s.Answer)
            assert isinstance(await ann.take(), s.Executions)
            monkeypatch.undo()
            for raw in (ann, bob):
                await raw.close()
            await server.close()
    journal = b"".join(file.read_bytes() for file in sorted((tmp_path / "journal").iterdir()))
    assert all(encode_frame(command)[24:] in journal for command in batch[:4])
