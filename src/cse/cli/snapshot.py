"""`cse snapshot`: a snapshot of the state now, beside whoever writes the journal."""

import typer

from cse.cli.options import Config, DataDir, settings_from


def snapshot(*, data_dir: DataDir = None, config: Config = None) -> None:
    """Replay the journal from the newest snapshot and write a new one; old ones go."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.adapters.journal.places import open_snapshots, snapshot_data_dir

    taken = snapshot_data_dir(settings.data_dir, choice=settings.engine)
    for bad in taken.bad_snapshots:
        typer.echo(f"passed over: {bad}", err=True)
    made = taken.path or "there is a good one of this state already"
    typer.echo(f"command {taken.sequence}, state hash {taken.state_hash}: {made}")
    for path in open_snapshots(settings.data_dir).prune(settings.snapshot.keep):
        typer.echo(f"removed {path}")


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(snapshot)
