"""`python -m cse.sandbox.bots`: the bots as a process of their own, ended by SIGTERM or Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from cse.core.errors import CseError
from cse.sandbox.bots.fleet import run_bots


def main(
    *,
    url: Annotated[str, typer.Option(help="Where the exchange is.")] = "http://127.0.0.1:8000",
    seed: Annotated[int, typer.Option(help="Where the bots' randomness begins.")] = 1,
    credentials: Annotated[Path, typer.Option(help="Where the bots' log-ins are kept.")] = Path(
        "data/bots.json"
    ),
    supervised: Annotated[
        bool, typer.Option("--supervised", hidden=True, help="End when standard input does.")
    ] = False,
) -> None:
    """Run the sandbox's bots until stopped."""
    try:
        asyncio.run(run_until_stopped(url, seed, credentials, supervised=supervised))
    except CseError as error:
        typer.echo(f"bots: {error}", err=True)
        raise typer.Exit(1) from error


async def run_until_stopped(url: str, seed: int, credentials: Path, *, supervised: bool) -> None:
    """Trade until a signal comes (or, supervised, standard input ends: our parent is gone)."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if supervised:
        await loop.connect_read_pipe(lambda: _EndOfInput(stop), sys.stdin)
    bots = asyncio.create_task(run_bots(url, seed, credentials))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({bots, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (bots, stopped):
        task.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    try:
        await bots
    except asyncio.CancelledError:
        if not stop.is_set():
            raise


class _EndOfInput(asyncio.Protocol):
    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def eof_received(self) -> None:
        self._stop.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._stop.set()


if __name__ == "__main__":
    typer.run(main)
