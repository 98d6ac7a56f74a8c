"""`cse bots`: the sandbox's traders as a process of their own; customers like any other."""

import asyncio
import os
from typing import Final

from cse.entrypoints.data_dir import RoleLock
from cse.entrypoints.endings import end
from cse.entrypoints.exits import CannotStart, ExitCode
from cse.entrypoints.parent import end_with_parent
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.sandbox.bots.fleet import run_bots
from cse.settings import Settings
from cse.wiring.places import bot_logins

_NICE: Final = 5
"""The exchange goes first; its demo may be a little late."""
_PREDECESSOR_S: Final = 20.0


def run(settings: Settings, url: str, *, supervised: bool = False) -> ExitCode:
    """Trade on the exchange at `url` until asked to stop.

    Raises:
        CannotStart: not a sandbox, or other bots use this data directory's log-ins.
    """
    if not settings.sandbox:
        raise CannotStart("bots trade play money; mode is production (CSE_MODE)")
    settings = prepare(settings, "bots")
    if supervised:
        end_with_parent()
        os.nice(_NICE)
    lock = RoleLock(settings.data_dir, "bots")
    with lock.acquire(wait_s=_PREDECESSOR_S if supervised else 0.2):
        return run_loop(settings, lambda given, stop: _main(given, url, stop))


async def _main(settings: Settings, url: str, stop: StopRequest) -> ExitCode:
    bots = asyncio.create_task(run_bots(url, settings.bots.seed, bot_logins(settings)))
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({bots, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not stop.asked:
        await bots  # ended by itself: say why
        return ExitCode.FAILED
    await end(bots)
    return ExitCode.OK
