"""Long seeded streams for both engines: sensible commands, the same with one field at an edge, and wild ones."""

import random
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from cse.messages import commands as c
from cse.messages.wire import AccountStatus, Command, MarketStatus
from tests.unit.engine.flow import ACCOUNTS, MARKETS, any_command, opening
from tests.unit.engine.test_extremes import COMMANDS, POOLS, members

VENUE = 5_000
"""Commands until a new venue is opened: what was closed for good must not make the rest a row of refusals."""

REPAIR = 250
"""Commands until everybody may act again."""

SIZES = (1, 2, 3, 16, 64, 200, 400)


def venues(seed: int, count: int) -> Iterator[list[Command]]:
    """The commands of one venue after the other, `count` in all; each is applied at the millisecond of its place."""
    rng = random.Random(seed)
    while count > 0:
        yield list(_venue(rng, min(VENUE, count)))
        count -= VENUE


def batches(seed: int, commands: list[Command]) -> Iterator[tuple[list[Command], range]]:
    """The commands of a venue cut at random places, with their times."""
    rng = random.Random(seed)
    at = 0
    while at < len(commands):
        size = rng.choice(SIZES)
        part = commands[at : at + size]
        yield part, range(at + 1, at + 1 + len(part))
        at += size


def _venue(rng: random.Random, count: int) -> Iterator[Command]:
    start = opening()[:count]
    yield from start
    repairs: list[Command] = []
    for now in range(len(start) + 1, count + 1):
        if now % REPAIR == 0:
            repairs = _repairs(rng)
        dice = rng.random()
        if repairs:
            yield repairs.pop()
        elif dice < 0.90:
            yield any_command(rng, now)
        elif dice < 0.97:
            yield _edged(rng, any_command(rng, now))
        else:
            yield wild(rng)


def _repairs(rng: random.Random) -> list[Command]:
    """Everybody may act again; somebody comes and goes. Handed out from the end."""
    guest, most = rng.randrange(2_000, 3_000), rng.choice((60, 60, 4))
    return [
        c.Transfer(guest, guest + 1, 1, 1, rng.randbytes(16)),
        c.SetAccountStatus(guest, AccountStatus.CLOSED),
        c.OpenAccount(guest, 0),
        *(c.SetMarketStatus(market, MarketStatus.OPEN) for market in MARKETS),
        *(c.SetAccountStatus(account, AccountStatus.OPEN) for account in ACCOUNTS),
        *(c.UpdateMarket(market, 1, 10**6, 0, 300_000, most) for market in MARKETS),
        c.Tick(),
    ]


def _edged(rng: random.Random, command: Command) -> Command:
    """The command with one field changed to any value that the field can carry."""
    choices = _choices(type(command))
    if not choices:
        return command
    name = rng.choice(list(choices))
    return msgspec.structs.replace(command, **{name: rng.choice(choices[name])})


def wild(rng: random.Random) -> Command:
    """Any command with any values."""
    kind = rng.choice(COMMANDS)
    return kind(**{name: rng.choice(values) for name, values in _choices(kind).items()})


@cache
def _choices(kind: type[Command]) -> dict[str, tuple[Any, ...]]:
    hints = typing.get_type_hints(kind)
    return {
        field.name: tuple(POOLS.get(field.name) or members(hints[field.name]))
        for field in msgspec.structs.fields(kind)
    }
