"""Commands of the sandbox: the bots, replays of recorded markets, made-up order flow."""

from pathlib import Path
from typing import Annotated

import typer


def generate_flow(
    folder: Annotated[Path, typer.Argument(help="Where the two files are written.")],
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same files.")] = 1,
    messages: Annotated[int, typer.Option("--messages", min=1, help="How many.")] = 100_000,
) -> None:
    """Write made-up order flow in LOBSTER's format: clustered arrivals, realistic cancels."""
    from cse.sandbox.flow.files import generate_flow as generate

    for path in generate(folder, seed=seed, messages=messages):
        typer.echo(str(path))


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("generate-flow")(generate_flow)
