"""Commands that look: the effective settings, and the doctor."""

from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, Host, Port, settings_from


def config(
    *,
    data_dir: DataDir = None,
    config: Config = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each setting means.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the reference page.")] = False,
) -> None:
    """Show the settings that count here, secrets masked."""
    from cse.settings import reference

    if markdown:
        typer.echo(reference.markdown(), nl=False)
        return
    settings = settings_from(config, data_dir=data_dir)
    texts = {item.name: item for _, _, items in reference.describe() for item in items}
    for name, value in reference.effective(settings):
        if explain:
            typer.echo(f"\n# {texts[name].text}\n# {texts[name].variable}: {texts[name].values}")
        typer.echo(f"{name} = {value}")


def doctor(
    *, host: Host = None, port: Port = None, data_dir: DataDir = None, config: Config = None
) -> None:
    """Check port, disk, databases, clock and data directory, and say how to mend what is wrong."""
    settings = settings_from(config, http_host=host, http_port=port, data_dir=data_dir)
    from rich.console import Console
    from rich.table import Table

    from cse.entrypoints.doctor import Verdict, examine
    from cse.entrypoints.exits import ExitCode

    checks = examine(settings)
    table = Table(box=None, pad_edge=False, show_header=False)
    colours = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "red"}
    for check in checks:
        mend = f"\n[bold]mend:[/bold] {check.mend}" if check.mend else ""
        table.add_row(
            f"[{colours[check.verdict]}]{check.verdict}[/]",
            f"[bold]{check.name}[/]",
            check.found + mend,
        )
    Console(highlight=False).print(table)
    bad = any(check.verdict is Verdict.BAD for check in checks)
    raise typer.Exit(ExitCode.FAILED if bad else ExitCode.OK)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(config)
    app.command()(doctor)
