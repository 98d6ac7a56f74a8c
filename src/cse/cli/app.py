"""`cse` and the commands that run processes."""

from typing import Annotated

import typer

from cse.cli import (
    admin,
    audit,
    candles,
    export,
    inspect,
    journal,
    keys,
    kill_switch,
    sandbox,
    snapshot,
)
from cse.cli.options import Config, DataDir, Host, Port, Queue, Supervised, settings_from
from cse.cli.quick_start import no_collecting

app = typer.Typer(
    name="cse",
    help="CS Exchange: an exchange for crypto assets. Start with `cse up`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(admin.app, name="admin")
app.add_typer(audit.app, name="audit")
app.add_typer(candles.app, name="candles")
app.add_typer(export.app, name="export")
app.add_typer(journal.app, name="journal")
app.add_typer(keys.app, name="keys")
inspect.add_to(app)
snapshot.add_to(app)
kill_switch.add_to(app)
sandbox.add_to(app)


def _version(*, asked: bool) -> None:
    if asked:
        from cse import __version__

        typer.echo(f"cse {__version__}")
        raise typer.Exit


@app.callback()
def cse(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False
) -> None:
    """CS Exchange: an exchange for crypto assets. Start with `cse up`."""
    del version


@app.command()
def up(
    *,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    no_bots: Annotated[
        bool, typer.Option("--no-bots", help="Assets and markets, but nobody trading.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Where the bots' randomness begins (1).")
    ] = None,
    config: Config = None,
) -> None:
    """Run the whole exchange: engine, gateway, projector and, in the sandbox, its bots."""
    settings = settings_from(
        config,
        http_host=host,
        http_port=port,
        data_dir=data_dir,
        bots_enabled=False if no_bots else None,
        bots_seed=seed,
    )
    with no_collecting():
        from cse.entrypoints.all_in_one import run

    raise typer.Exit(run(settings))


@app.command()
def engine(*, queue: Queue = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Run sequencer, journal and engine alone; gateways connect to its socket."""
    settings = settings_from(config, queue_address=queue, data_dir=data_dir)
    with no_collecting():
        from cse.entrypoints.engine import run

    raise typer.Exit(run(settings))


@app.command()
def gateway(
    *,
    host: Host = None,
    port: Port = None,
    queue: Queue = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run REST and WebSocket alone, on the socket of a `cse engine`."""
    settings = settings_from(
        config, http_host=host, http_port=port, queue_address=queue, data_dir=data_dir
    )
    with no_collecting():
        from cse.entrypoints.gateway import run

    raise typer.Exit(run(settings))


@app.command()
def streamer(
    *,
    host: Host = None,
    port: Annotated[
        int | None, typer.Option("--port", help="Port to listen on (8001; 0: any free one).")
    ] = None,
    gateway: Annotated[
        str | None,
        typer.Option("--gateway", metavar="URL", help="Gateway that takes orders (127.0.0.1)."),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Serve WebSockets alone, fed by Redis; run as many as wanted."""
    settings = settings_from(
        config,
        streamer_host=host,
        streamer_port=port,
        streamer_gateway=gateway,
        data_dir=data_dir,
    )
    with no_collecting():
        from cse.entrypoints.streamer import run

    raise typer.Exit(run(settings))


@app.command()
def projector(
    *, data_dir: DataDir = None, config: Config = None, supervised: Supervised = False
) -> None:
    """Follow the journal and write orders, fills, trades, balances and ledger to the database."""
    settings = settings_from(config, data_dir=data_dir)
    with no_collecting():
        from cse.entrypoints.projector import run

    raise typer.Exit(run(settings, supervised=supervised))


@app.command()
def migrate(*, data_dir: DataDir = None, config: Config = None) -> None:
    """Bring the database to the schema of this software; harmless when it is there."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.migrate import run

    typer.echo(run(settings))
