"""`cse replay-market`: a recording into a running sandbox, with a progress bar and a closing table."""

import asyncio
import re
from fractions import Fraction
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cse.core.errors import CseError
from cse.sandbox.client.credentials import CredentialStore
from cse.sandbox.replay.formats import open_recording
from cse.sandbox.replay.report import closing_table
from cse.sandbox.replay.runner import Outcome, Runner
from cse.sandbox.replay.steps import ReplayError

MATCHED: Final = 0
FAILED: Final = 1
DIFFERENT: Final = 2
"""Exit codes: every check matched, it could not be played, something came out differently."""

_SPEED: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)x?")


class ReplayOptions(msgspec.Struct, frozen=True):
    """What to replay, where, and how fast."""

    file: Path
    url: str = "http://127.0.0.1:8000"
    market: str | None = None
    """Default: the sandbox's market for this kind of recording."""
    books: Path | None = None
    """LOBSTER's order book file, where it does not lie beside the message file."""
    speed: str | None = "1x"
    """`1x` is real time, `10x` ten times as fast; None: as fast as it goes."""
    limit: int | None = None
    """How many messages; None: all."""
    credentials: Path = Path("data/replay-logins.json")
    """Where the log-ins of the replay's two accounts are kept."""
    patience_s: float = 60.0
    """How long the exchange may be away."""


def replay_market(options: ReplayOptions, console: Console | None = None) -> int:
    """Play, show, and return the exit code."""
    console = console or Console()
    try:
        opened = open_recording(options.file, options.books, options.limit)
        runner = Runner(
            opened.source,
            options.market or opened.market,
            options.url,
            CredentialStore(options.credentials),
            speed=None if options.speed is None else parse_speed(options.speed),
            patience_s=options.patience_s,
        )
        outcome = _play(runner, opened.source.recording.messages, console)
    except CseError as error:
        console.print(f"[red]replay-market:[/] {error}", highlight=False)
        return FAILED
    console.print(closing_table(outcome))
    return MATCHED if outcome.ok else DIFFERENT


def parse_speed(text: str) -> float:
    """Return how many times as fast as recorded: "10x", "10" and "0.5x" are such.

    Raises:
        ReplayError: it is no positive number.
    """
    found = _SPEED.fullmatch(text)
    speed = Fraction(found[1]) if found else Fraction(0)
    if not speed:
        raise ReplayError(f"a speed is a number such as 1x, 10x or 0.5x, not {text!r}")
    return float(speed)


def _play(runner: Runner, messages: int, console: Console) -> Outcome:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("Replaying", total=messages)
        return asyncio.run(runner.run(lambda done: progress.update(bar, completed=done)))
