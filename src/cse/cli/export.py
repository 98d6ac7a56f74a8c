"""`cse export`: trades, candles and order books as CSV or Parquet files."""

from typing import TYPE_CHECKING, Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

if TYPE_CHECKING:  # commands import what they need when they run, so that `cse --help` is quick
    from rich.console import Console

    from cse.entrypoints.export.history import Span

app = typer.Typer(
    help="Write trades, candles or an order book as CSV or Parquet.", no_args_is_help=True
)

Market = Annotated[str, typer.Option("--market", metavar="SYMBOL", help="Such as NOVA-USDC.")]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="File to write (-: CSV to stdout).")
]
Format = Annotated[str, typer.Option("--format", help="csv or parquet (needs pyarrow).")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="ISO 8601 or Unix ms, included (the first)."),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="Likewise, not included (the last).")
]


@app.command()
def trades(  # noqa: PLR0913  # each is an option of the command
    *,
    market: Market,
    output: Output = "-",
    format_: Format = "csv",
    from_: From = None,
    to: To = None,
    force: Force = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Trades, oldest first, from the database."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.export.run import Target, export_trades

    target = Target(output, format_, force)
    typer.echo(export_trades(settings, market, _span(from_, to), target, _console()), err=True)


@app.command()
def candles(  # noqa: PLR0913  # each is an option of the command
    *,
    market: Market,
    interval: Annotated[str, typer.Option("--interval", help="1s to 1w, as in the API.")] = "1m",
    output: Output = "-",
    format_: Format = "csv",
    from_: From = None,
    to: To = None,
    force: Force = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Candles that open in a time, oldest first, from the database; none where nothing traded."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.export.run import Target, export_candles

    target, span = Target(output, format_, force), _span(from_, to)
    typer.echo(export_candles(settings, market, interval, span, target, _console()), err=True)


@app.command()
def orderbook(
    *,
    market: Market,
    at: Annotated[
        int | None,
        typer.Option("--at", min=1, metavar="SEQUENCE", help="After this command (the last)."),
    ] = None,
    output: Output = "-",
    format_: Format = "csv",
    force: Force = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """All levels of a book, from snapshot and journal; no exchange need run."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.export.run import Target, export_book

    target = Target(output, format_, force)
    typer.echo(export_book(settings, market, at, target, _console()), err=True)


def _span(from_: str | None, to: str | None) -> "Span":
    from cse.entrypoints.export.history import Span
    from cse.entrypoints.export.times import parse_time

    return Span(parse_time("--from", from_), parse_time("--to", to))


def _console() -> "Console":
    """Return where progress is shown: beside the data, never in it."""
    from rich.console import Console

    return Console(stderr=True)
