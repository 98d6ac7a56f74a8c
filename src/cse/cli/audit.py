"""`cse audit`: whether the audit log is whole, and the log as a file. Nothing here changes it."""

from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

app = typer.Typer(
    help="Check and export the audit log; nothing here changes it.", no_args_is_help=True
)


@app.callback()
def audit() -> None:
    """Check and export the audit log; nothing here changes it."""


@app.command()
def verify(
    *,
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect",
            metavar="NUMBER:DIGEST",
            help="A head noted earlier, which must still be in the log: finds what was cut off or rewritten.",
        ),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Walk the chain of records and say whether it is whole; exit code 1 if not, with the first bad record."""
    settings = settings_from(config, data_dir=data_dir)
    from rich.console import Console

    from cse.entrypoints.audit import verify as walk
    from cse.entrypoints.exits import ExitCode

    found = walk(settings, expect, Console(stderr=True))
    typer.echo(found.sentence if found.whole else f"NOT whole: {found.sentence}")
    raise typer.Exit(ExitCode.OK if found.whole else ExitCode.FAILED)


@app.command()
def export(
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="File to write (-: stdout).")
    ] = "-",
    format_: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Write the audit log, oldest first, as CSV or as one JSON object per line."""
    settings = settings_from(config, data_dir=data_dir)
    from rich.console import Console

    from cse.entrypoints.audit import export as write

    typer.echo(write(settings, output, format_, Console(stderr=True), force=force), err=True)
