"""`cse candles`: make the candles anew from the trades."""

from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

app = typer.Typer(help="The candles in the database.", no_args_is_help=True)

Market = Annotated[
    str | None, typer.Option("--market", metavar="SYMBOL", help="Of this market only (all).")
]


@app.callback()
def candles() -> None:
    """The candles in the database."""


@app.command()
def rebuild(*, market: Market = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Empty the candles and build them from the trades; safe to interrupt, repeat, and do while trading goes on."""
    settings = settings_from(config, data_dir=data_dir)
    from rich.console import Console

    from cse.entrypoints.candles import rebuild as run

    typer.echo(run(settings, market, Console(stderr=True)))
