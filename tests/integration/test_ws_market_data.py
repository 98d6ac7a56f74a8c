"""Public channels over a real socket: what a client builds from messages alone is what the engine has.

A uvicorn server runs in this process on a free port, behind it the real engine; the client keeps its own
book, chain of sequences and checksums, and knows nothing that the server did not send.
"""

import asyncio
from itertools import islice, pairwise

from cse.gateway.present_market import levels_json
from cse.gateway.ws.options import WsOptions
from cse.messages import records as r
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import Client, ClientBook, client
from tests.unit.gateway.ws.venue import ALICE, BOB, WsVenue
from tests.unit.projections.live.streams import place, random_commands

BOOK, TRADES, TICKER = "orderbook.GOLD-USD1", "trades.GOLD-USD1", "ticker.GOLD-USD1"
CANDLES = "candles.GOLD-USD1.1m"


def engine_book(venue: WsVenue) -> dict[str, list[list[str]]]:
    """The first market's book, summed up from the engine's orders."""
    totals: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    for order in venue.venue.engine.records():
        if isinstance(order, r.OrderRecord) and order.resting and order.market_id == 1:
            level = totals[order.side]
            level[order.price] = level.get(order.price, 0) + order.quantity - order.filled_quantity
    market = venue.catalog.markets[1]
    bids, asks = sorted(totals[Side.BUY].items(), reverse=True), sorted(totals[Side.SELL].items())
    return {
        "bids": [list(level) for level in levels_json(bids, market)],
        "asks": [list(level) for level in levels_json(asks, market)],
    }


def chain(messages: list[dict[str, object]]) -> None:
    """Every update names the message before it."""
    for before, after in pairwise(messages):
        if after["type"] == "update":
            assert after["previous"] == before["sequence"]


async def follow(reader: Client, book: ClientBook, seen: int) -> int:
    """Apply everything that came of the book since `seen` messages."""
    await reader.settle()
    messages = reader.of(BOOK)
    for message in messages[seen:]:
        book.take(message)
    return len(messages)


async def test_a_book_from_messages_alone_equals_the_engines() -> None:
    """Random trading in batches of random size: chain, checksums and, in between, every level."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        assert (await reader.ask("subscribe", channels=[BOOK]))["ok"]
        book, seen = ClientBook(), 0
        commands = random_commands(3, venue.venue)
        for size in (1, 2, 5, 1, 30, 60, 1, 90) * 10:
            venue.queue.apply(*islice(commands, size))
            seen = await follow(reader, book, seen)
            assert {side: book.levels(side) for side in book.sides} == engine_book(venue)
        assert seen > 40, "the book did change"


async def test_who_comes_in_the_middle_of_a_turn_misses_nothing() -> None:
    """Changes that have not been sent yet when a snapshot is made are in it once, not twice."""
    async with WsVenue().serve() as venue, client(venue.url) as first, client(venue.url) as second:
        await first.ask("subscribe", channels=[BOOK])
        book = ClientBook()
        book.take(await first.next(BOOK, "snapshot"))
        late = ClientBook()
        for number in range(20):
            venue.queue.apply(place(ALICE, Side.BUY, 980 + number % 7, 1 + number))
            await second.send(op="subscribe", channels=[BOOK])
            venue.queue.apply(place(ALICE, Side.BUY, 990 + number % 5, 1))
        await follow(first, book, 1)
        await follow(second, late, 0)
        assert late.sides == book.sides
        assert [list(level) for level in book.levels("bids")] == engine_book(venue)["bids"]


async def test_resync_starts_a_channel_anew() -> None:
    """After a resync a snapshot comes, the same as the book, and updates go on from it."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        await reader.ask("subscribe", channels=[BOOK])
        await reader.next(BOOK)
        venue.queue.apply(place(ALICE, Side.BUY, 990, 3))
        assert (await reader.ask("resync", channel=BOOK))["ok"]
        book = ClientBook()
        book.take(await reader.next(BOOK, "snapshot"))
        venue.queue.apply(place(ALICE, Side.BUY, 991, 3))
        book.take(await reader.next(BOOK, "update"))
        assert book.levels("bids") == engine_book(venue)["bids"]
        refused = await reader.ask("resync", channel=TRADES)
        assert refused["error"]["code"] == "not_found"


async def test_trades_ticker_and_candles_tell_the_same_story() -> None:
    """Each trade once, in order; the ticker's and the candle's volume are their sum."""
    async with WsVenue(WsOptions(pace_ms=1)).serve() as venue, client(venue.url) as reader:
        await reader.ask("subscribe", channels=[TRADES, TICKER, CANDLES])
        commands = random_commands(8, venue.venue)
        for _ in range(30):
            venue.queue.apply(*islice(commands, 20))
            await reader.settle()
        last = venue.hub.market(1).trade_sequence
        while reader.of(CANDLES)[-1]["sequence"] < last or reader.of(TICKER)[-1]["sequence"] < last:
            await reader.settle()
        for channel in (TRADES, TICKER, CANDLES):
            chain(reader.of(channel))
        trades = [trade for message in reader.of(TRADES) for trade in message["trades"]]
        assert [trade["trade_id"] for trade in trades] == list(range(1, len(trades) + 1))
        assert len(trades) > 20
        market = venue.catalog.markets[1]
        lots = sum(trade.quantity for trade in venue.hub.trades(1).latest())
        ticker = reader.of(TICKER)[-1]["ticker"]
        assert ticker["volume"] == market.format_quantity(lots)
        assert ticker["last"] == trades[-1]["price"]
        candles = {c["time"]: c for message in reader.of(CANDLES) for c in message["candles"]}
        assert sum(candle["trades"] for candle in candles.values()) == len(trades)


async def test_one_turn_of_the_loop_is_one_message() -> None:
    """A hundred orders that arrive together change the book in one message."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        await reader.ask("subscribe", channels=[BOOK])
        await reader.next(BOOK)
        venue.queue.apply(*(place(ALICE, Side.BUY, 900 + n % 30, 1) for n in range(40)))
        update = await reader.next(BOOK)
        await reader.settle()
        assert len(update["bids"]) == 30
        assert len(reader.of(BOOK)) == 2


async def test_msgpack_says_the_same_as_json() -> None:
    """The same messages in binary frames, field by field."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url) as text,
        client(f"{venue.url}?encoding=msgpack") as binary,
    ):
        for reader in (text, binary):
            assert (await reader.ask("subscribe", channels=[BOOK, TRADES]))["ok"]
            await reader.settle()
        venue.queue.apply(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 3))
        for reader in (text, binary):
            await reader.settle()
        for channel in (BOOK, TRADES):
            assert text.of(channel) == binary.of(channel)
            assert len(text.of(channel)) == 2


async def test_unsubscribing_ends_a_channel() -> None:
    """Nothing comes any more, and the server forgets a channel that nobody listens to."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        await reader.ask("subscribe", channels=[BOOK, BOOK])
        await reader.next(BOOK)
        assert (await reader.ask("unsubscribe", channels=[BOOK, TRADES]))["ok"]
        venue.queue.apply(place(ALICE, Side.BUY, 990, 3))
        await reader.settle()
        assert len(reader.of(BOOK)) == 1
        assert venue.streams.find(BOOK, None).subscribers == {}


async def test_a_restart_goes_on_with_the_same_numbers() -> None:
    """A gateway that starts from the engine's records chains on with the journal's own sequence numbers."""
    venue = WsVenue()
    venue.queue.apply(place(ALICE, Side.BUY, 990, 3))
    again = WsVenue()
    again.venue.engine = venue.venue.engine
    again.follower.load(venue.venue.engine.records())
    async with again.serve(), client(again.url) as reader:
        await reader.ask("subscribe", channels=[BOOK])
        snapshot = await reader.next(BOOK)
        assert snapshot["sequence"] == venue.hub.depth(1).sequence
        again.queue.apply(place(ALICE, Side.BUY, 991, 3))
        update = await reader.next(BOOK)
        assert update["previous"] == snapshot["sequence"]
        assert update["sequence"] == again.venue.engine.sequence


async def test_the_server_says_1012_when_it_stops() -> None:
    """A client that is told "service restart" knows to come back."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        await reader.settle()
        venue.server.close_all()
        await asyncio.wait_for(reader.socket.wait_closed(), 30)
        assert reader.socket.close_code == 1012
        assert "restart" in (reader.socket.close_reason or "")
