"""Whatever levels change in whatever order: every channel of a book, followed by its messages, is that book.

Brute force stands against it: the market's whole depth book, cut, or put together by step, anew each time. Clients
come late, ask again and leave at any moment; each message equals the book as its own `sequence` left it.
"""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cse.market_data import DepthSnapshot
from cse.messages.events import LevelChanged
from cse.messages.wire import Side
from tests.unit.gateway.ws.channels.folding import Best, Book, Follows, Top
from tests.unit.gateway.ws.stage import Stage

M = "GOLD-USD1"
MARKET, TICK, PRICE_SCALE, LOT_SCALE = 1, 1, 4, 2
"""Of the stage's first market: a tick is 0.0001, a lot 0.01."""

Levels = list[list[str]]
Sides = tuple[Levels, Levels]


def printed(levels: list[tuple[int, int]]) -> Levels:
    return [[f"{ticks / 10**4:.4f}", f"{lots / 100:.2f}"] for ticks, lots in levels]


def whole(book: DepthSnapshot) -> Sides:
    return printed(book.bids), printed(book.asks)


def best(number: int) -> Callable[[DepthSnapshot], Sides]:
    return lambda book: (printed(book.bids[:number]), printed(book.asks[:number]))


def by_step(step: int) -> Callable[[DepthSnapshot], Sides]:
    def put_together(book: DepthSnapshot) -> Sides:
        bids: dict[int, int] = defaultdict(int)
        asks: dict[int, int] = defaultdict(int)
        for ticks, lots in book.bids:
            bids[int(Fraction(ticks, step).__floor__()) * step] += lots
        for ticks, lots in book.asks:
            asks[int(Fraction(ticks, step).__ceil__()) * step] += lots
        return printed(sorted(bids.items(), reverse=True)), printed(sorted(asks.items()))

    return put_together


CHANNELS: list[tuple[str, type[Follows], Callable[[DepthSnapshot], Sides]]] = [
    (f"orderbook.{M}", Book, whole),
    (f"orderbook.{M}.5@100ms", Top, best(5)),
    (f"orderbook.{M}.20@1000ms", Top, best(20)),
    (f"bbo.{M}", Best, best(1)),
    (f"orderbook.{M}.step=0.0001", Book, by_step(1)),
    (f"orderbook.{M}.step=0.0007", Book, by_step(7)),
    (f"orderbook.{M}.step=0.001", Book, by_step(10)),
    (f"orderbook.{M}.step=1", Book, by_step(10_000)),
]

changes = st.tuples(
    st.just("level"),
    st.sampled_from(tuple(Side)),
    st.integers(1, 60),
    st.integers(0, 3).map(lambda lots: lots * 50),
)
others = st.tuples(
    st.sampled_from(["turn", "beat", "come", "ask", "go"]), st.integers(0, len(CHANNELS) - 1)
)


class Crowd:
    """Everybody who listens, and what the book was at each sequence."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.books: dict[int, DepthSnapshot] = {}
        self.remember()
        self.listening: list[tuple[Follows, Callable[[DepthSnapshot], Sides]]] = []
        for number in range(len(CHANNELS)):
            self.come(number)

    def remember(self) -> None:
        book = self.stage.hub.depth(MARKET).snapshot()
        self.books[book.sequence] = book

    def level(self, side: Side, price: int, lots: int) -> None:
        self.stage.tell(LevelChanged(MARKET, side, price, lots, 1))
        self.remember()

    def come(self, number: int) -> None:
        name, kind, brute_force = CHANNELS[number]
        self.listening.append((kind(self.stage, name), brute_force))

    def ask(self, number: int) -> None:
        self.listening[number % len(self.listening)][0].resync()

    def go(self, number: int) -> None:
        if len(self.listening) > 1:
            self.listening.pop(number % len(self.listening))[0].leave()

    def turn(self, _: int = 0) -> None:
        self.stage.schedule.turn()

    def beat(self, _: int = 0) -> None:
        self.stage.schedule.turn()
        self.stage.schedule.beat()

    def check(self, *, settled: bool) -> None:
        """Each knows the book as its last message left it; once all is sent, the present one."""
        now = self.stage.hub.depth(MARKET).snapshot()
        for follows, brute_force in self.listening:
            state = follows.state()  # type: ignore[attr-defined]  # each kind here has one
            assert state == brute_force(self.books[follows.sequence]), follows.channel.name
            if settled:
                assert state == brute_force(now), follows.channel.name


@settings(max_examples=150, deadline=None)
@given(st.lists(changes | others, max_size=60))
def test_every_channel_of_a_book_is_the_book(steps: list[tuple[object, ...]]) -> None:
    """After each step each client's state is the brute-force one of its sequence, and at the end of the present."""
    crowd = Crowd()
    for name, *arguments in steps:
        getattr(crowd, str(name))(*arguments)
        crowd.check(settled=False)
    crowd.beat()
    crowd.check(settled=True)


@settings(max_examples=50, deadline=None)
@given(st.lists(changes, min_size=1, max_size=40))
def test_top_and_best_say_only_what_changed_and_at_most_once_a_pace(
    steps: list[tuple[str, Side, int, int]],
) -> None:
    """No two messages in a row are the same; between two beats there is none, and at a beat one at most."""
    stage = Stage()
    top = Top(stage, f"orderbook.{M}.5@100ms")
    bbo = Best(stage, f"bbo.{M}")
    for _, side, price, lots in steps:
        stage.tell(LevelChanged(MARKET, side, price, lots, 1))
        before = len(top.messages), len(bbo.messages)
        stage.schedule.turn()
        assert len(top.messages) == before[0]
        assert len(bbo.messages) <= before[1] + 1
        if price % 3 == 0:
            stage.schedule.beat(100)
            assert len(top.messages) <= before[0] + 1
    for messages, fields in ((top.messages, ("bids", "asks")), (bbo.messages, ("bid", "ask"))):
        told = [[message[field] for field in fields] for message in messages]
        assert all(one != other for one, other in pairwise(told))
