"""Trading takes an identity level where the operator says so: no way places or amends without, cancelling is free."""

from collections.abc import Callable

from cse.core.errors import Unavailable
from cse.gateway.entry.options import EntryOptions
from cse.gateway.entry.session import Session
from cse.gateway.entry.submits import Submits
from cse.gateway.entry.tools import PythonTools
from cse.messages import commands as c
from cse.messages.codec import encode_frame
from cse.messages.session import Refused, SessionError
from cse.messages.wire import Command, OrderType, SelfTradePrevention, Side, TimeInForce
from tests.unit.gateway.entry.world import NOW_MS, HeldQueue, KeptReader, owner
from tests.unit.gateway.world import ANN, World

ORDER = {
    "market": "NOVA-USDC",
    "side": "buy",
    "type": "limit",
    "price": "1.0000",
    "quantity": "1.00",
}
TOO_LOW = "identity_level_too_low"


def closed_to(*accounts: int) -> Callable[[int], bool]:
    return lambda account_id: account_id not in accounts


async def test_placing_and_amending_are_refused_over_rest() -> None:
    """403 with the code; nothing reaches the engine."""
    world = World()
    async with world.client() as ann:
        placed = (await ann.post("/api/orders", json=ORDER)).json()
        world.deps.order_entry.may_trade = closed_to(ANN)
        path = f"/api/orders/{placed['order']['id'] if 'order' in placed else placed['id']}"
        at = world.queue.engine.sequence
        for answer in (
            await ann.post("/api/orders", json=ORDER),
            await ann.patch(path, json={"quantity": "2.00"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, TOO_LOW)
        assert world.queue.engine.sequence == at
        assert (await ann.delete(path)).status_code == 200


async def test_items_of_a_batch_are_refused_one_by_one() -> None:
    """Places and amends; cancels in the same batch are done."""
    world = World()
    async with world.client() as ann:
        await ann.post("/api/orders", json=ORDER | {"client_order_id": "one"})
        world.deps.order_entry.may_trade = closed_to(ANN)
        items = [
            {"op": "place", **ORDER},
            {"op": "amend", "client_order_id": "one", "quantity": "2.00"},
            {"op": "cancel", "client_order_id": "one"},
        ]
        answer = await ann.post("/api/orders/batch", json={"items": items})
        results = answer.json()["results"]
        assert [each["status"] for each in results] == [403, 403, 200]
        assert results[0]["problem"]["code"] == TOO_LOW


async def test_who_has_the_level_trades() -> None:
    """And so does everybody where trading takes none: nobody asks."""
    world = World()
    assert world.deps.order_entry.may_trade is None
    world.deps.order_entry.may_trade = closed_to(ANN + 1)
    async with world.client() as ann:
        assert (await ann.post("/api/orders", json=ORDER)).status_code == 201


async def test_nobody_trades_while_owners_are_not_known() -> None:
    """503, not a guess."""

    def unknown(_account_id: int) -> bool:
        raise Unavailable("Sub-accounts are not known yet; try again.")

    world = World()
    world.deps.order_entry.may_trade = unknown
    async with world.client() as ann:
        assert (await ann.post("/api/orders", json=ORDER)).status_code == 503
    assert await refusals(unknown, PLACE) == [SessionError.UNAVAILABLE]


PLACE = c.PlaceOrder(
    account_id=ANN,
    market_id=1,
    side=Side.BUY,
    type=OrderType.LIMIT,
    time_in_force=TimeInForce.GTC,
    stp=SelfTradePrevention.EXPIRE_TAKER,
    post_only=False,
    price=1,
    trigger_price=0,
    quantity=1,
    quote_quantity=0,
    expires_at=0,
    client_order_id="",
)
AMEND = c.AmendOrder(ANN, 5, "", 1, 0, 1)
CANCEL = c.CancelOrder(ANN, 5, "")


async def refusals(
    may_trade: Callable[[int], bool] | None, *commands: Command
) -> list[SessionError]:
    """What a session is told about one Submit; it is handed in, or refused whole."""
    queue = HeldQueue()
    submits = Submits(queue, PythonTools(), EntryOptions())
    submits.may_trade = may_trade
    session = Session(1, owner(ANN), 10_000, lambda: NOW_MS)
    reader = session.reader = KeptReader()
    submits.add(session)
    submits.take(session, len(commands), b"".join(map(encode_frame, commands)))
    messages = [message for message, _ in reader.messages()]
    assert bool(messages) is not bool(queue.taken)
    return [message.code for message in messages if isinstance(message, Refused)]


async def test_binary_order_entry_refuses_what_places_or_amends() -> None:
    """A Submit with one of them is refused whole; cancels alone are taken, and everything where no level is needed."""
    for commands in ([PLACE], [AMEND], [CANCEL, PLACE]):
        assert await refusals(closed_to(ANN), *commands) == [SessionError.SCOPE_MISSING]
        assert await refusals(closed_to(ANN + 1), *commands) == []
        assert await refusals(None, *commands) == []
    assert await refusals(closed_to(ANN), CANCEL) == []
    assert await refusals(closed_to(ANN), c.CancelAll(ANN, 0)) == []
