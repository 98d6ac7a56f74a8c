"""`python -m benches.many_markets up ...`: `cse`, whose sandbox lists a thousand markets more."""

from collections.abc import Callable
from typing import Final

import msgspec

from cse.messages.wire import Command
from cse.sandbox import venue

MORE: Final = 1_000
_FIRST_ID: Final = 1_000


def symbol(number: int) -> str:
    """The symbol of one of the markets, by its number from 0."""
    return f"T{number:03}-USDC"


def _with_many(listed: Callable[[], list[Command]]) -> list[Command]:
    commands = listed()
    model = next(each for each in commands if isinstance(each, venue.CreateMarket))
    for number in range(MORE):
        token = venue.SandboxAsset(_FIRST_ID + number, f"T{number:03}", 6)
        commands.append(venue.CreateAsset(*token))
        commands.append(
            msgspec.structs.replace(
                model,
                market_id=_FIRST_ID + number,
                symbol=symbol(number),
                base_asset_id=token.asset_id,
                reference_price=5_000 + 37 * number,
            )
        )
    return commands


if __name__ == "__main__":
    _listed = venue.bootstrap_commands
    venue.bootstrap_commands = lambda: _with_many(_listed)
    # Only now: what it loads takes the list by its name.
    from cse.cli import main

    main()
