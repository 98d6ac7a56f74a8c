"""`cse export`: trades, candles and order books as CSV or Parquet files."""

from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

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
    from rich.console import Console

    from cse.entrypoints.export.history import Span
    from cse.entrypoints.export.run import Target, export_trades
    from cse.entrypoints.export.times import parse_time

    span = Span(parse_time("--from", from_), parse_time("--to", to))
    target = Target(output, format_, force)
    said = export_trades(settings, market, span, target, Console(stderr=True))
    typer.echo(said, err=True)


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
    from rich.console import Console

    from cse.entrypoints.export.history import Span
    from cse.entrypoints.export.run import Target, export_candles
    from cse.entrypoints.export.times import parse_time

    span = Span(parse_time("--from", from_), parse_time("--to", to))
    target = Target(output, format_, force)
    said = export_candles(settings, market, interval, span, target, Console(stderr=True))
    typer.echo(said, err=True)


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
    from rich.console import Console

    from cse.entrypoints.export.run import Target, export_book

    target = Target(output, format_, force)
    typer.echo(export_book(settings, market, at, target, Console(stderr=True)), err=True)
