"""The Python engine alone: commands per second on the mixed load, deep sweeps, and memory."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sortedcontainers import SortedDict

from benches.mixed_load import MixedLoad, apply_all, opening
from benches.report import Figure
from cse.engine.backend import new_engine
from cse.messages import commands as c
from cse.messages.wire import Command, OrderType, SelfTradePrevention, Side, TimeInForce


def run(*, quick: bool) -> list[Figure]:
    """Measure in turns, baseline and engine, and take medians."""
    count, rounds = (20_000, 1) if quick else (200_000, 5)
    load = MixedLoad()
    load.grow(count)
    bare, full = [], []
    for _ in range(rounds):
        bare.append(_rate(_bare_book, load.commands, count))
        full.append(_rate(_engine, load.commands, count))
    figures = [
        Figure(
            "engine, mixed load",
            statistics.median(full),
            "commands/s",
            "sorted dict of price levels: no money, checks or events",
            statistics.median(bare),
            ">= 100,000",
            f"{count:,} commands, {rounds} rounds, min {min(full):,.0f}",
        )
    ]
    figures += [_many_markets(count // 4), _sweep(1_000)]
    return [*figures, *_memory(quick=quick)]


def _rate(
    play: Callable[[list[Command], int], float], commands: list[Command], counted: int
) -> float:
    """Return commands per second over the last `counted` commands."""
    return counted / play(commands, len(commands) - counted)


def _engine(commands: list[Command], warm: int) -> float:
    engine = new_engine("python")
    apply_all(engine, commands[:warm])
    rest = commands[warm:]
    started = time.perf_counter()
    apply_all(engine, rest)
    return time.perf_counter() - started


def _bare_book(commands: list[Command], warm: int) -> float:
    """The least that any price-time book in Python does, on the same stream."""
    sides: dict[Side, SortedDict[int, dict[int, list[int]]]] = {side: SortedDict() for side in Side}
    where: dict[int, tuple[Side, int]] = {}
    order_id = 0
    started = time.perf_counter()
    for command in commands[warm:]:
        if isinstance(command, c.CancelOrder):
            place = where.pop(command.order_id, None)
            if place:
                level = sides[place[0]][place[1]]
                level.pop(command.order_id, None)
                if not level:
                    del sides[place[0]][place[1]]
        elif isinstance(command, c.PlaceOrder):
            order_id += 1
            _bare_place(sides, where, order_id, command)
    return time.perf_counter() - started


def _bare_place(
    sides: "dict[Side, SortedDict[int, dict[int, list[int]]]]",
    where: dict[int, tuple[Side, int]],
    order_id: int,
    command: c.PlaceOrder,
) -> None:
    buying = command.side == Side.BUY
    other, left = sides[Side.SELL if buying else Side.BUY], command.quantity
    while left and other:
        price, level = other.peekitem(0 if buying else -1)
        if (price > command.price) if buying else (price < command.price):
            break
        maker = next(iter(level))
        traded = min(left, level[maker][0])
        left -= traded
        level[maker][0] -= traded
        if not level[maker][0]:
            del level[maker]
            where.pop(maker, None)
            if not level:
                del other[price]
    if left and command.time_in_force == TimeInForce.GTC:
        sides[command.side].setdefault(command.price, {})[order_id] = [left]
        where[order_id] = (command.side, command.price)


def _many_markets(count: int) -> Figure:
    one, many = MixedLoad(seed=2), MixedLoad(seed=2, markets=1_000)
    one.grow(count)
    many.grow(count)
    return Figure(
        "engine, mixed load over 1,000 markets",
        _rate(_engine, many.commands, count),
        "commands/s",
        "the same over one market",
        _rate(_engine, one.commands, count),
    )


def _sweep(orders: int) -> Figure:
    engine = new_engine("python")
    apply_all(engine, opening())
    none, limit = SelfTradePrevention.NONE, OrderType.LIMIT

    def order(account: int, side: Side, quantity: int) -> Command:
        return c.PlaceOrder(
            account, 1, side, limit, TimeInForce.GTC, none, False, 10_000, 0, quantity, 0, 0, ""
        )

    apply_all(engine, [order(1_000 + n % 50, Side.SELL, 1) for n in range(orders)])
    started = time.perf_counter()
    events = apply_all(engine, [order(1_099, Side.BUY, orders)])
    seconds = time.perf_counter() - started
    return Figure(
        f"one order through {orders:,}, settled", seconds * 1e3, "ms", note=f"{events:,} events"
    )


_MEMORY = """
import sys
import benches.engine as bench
before = bench.resident_mb()
engine = bench.full_engine(int(sys.argv[1]), int(sys.argv[2]))
print(bench.resident_mb(), before)
"""


def resident_mb() -> float:
    """Return the memory that this process has resident now."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def full_engine(markets: int, orders: int) -> object:
    """Return an engine with this many markets and resting orders, spread over price levels and accounts."""
    engine = new_engine("python")
    apply_all(engine, opening(markets))
    none, limit = SelfTradePrevention.NONE, OrderType.LIMIT
    for n in range(orders):
        side = Side.BUY if n % 2 else Side.SELL
        price = 10_000 + (1 + n // 7 % 50) * (1 if side == Side.SELL else -1)
        order = c.PlaceOrder(
            1_000 + n % 100,
            1 + n % markets,
            side,
            limit,
            TimeInForce.GTC,
            none,
            False,
            price,
            0,
            5,
            0,
            0,
            f"order-{n}",
        )
        engine.apply(engine.sequence + 1, 1, order)
    return engine


def _memory(*, quick: bool) -> list[Figure]:
    markets, orders = (10, 1_000) if quick else (1_000, 100_000)
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(markets), str(orders)],
        capture_output=True,
        text=True,
        check=True,
    )
    after, before = map(float, done.stdout.split())
    name = f"memory of {markets:,} markets with {orders:,} orders"
    return [Figure(name, after, "MB", "the process before it", before, "< 1,000 MB")]
