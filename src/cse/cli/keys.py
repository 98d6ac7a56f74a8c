"""`cse keys`: the keys that access tokens are signed with."""

import typer

from cse.cli.options import Config, DataDir, settings_from

app = typer.Typer(help="The keys that access tokens are signed with.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """The keys that access tokens are signed with."""


@app.command()
def rotate(*, data_dir: DataDir = None, config: Config = None) -> None:
    """Sign with a new key from now on; tokens that the old one signed stay good until they run out."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.adapters.clock import SystemClock
    from cse.adapters.keys.file import FileKeyStore
    from cse.users.keys import rotate_keys
    from cse.wiring.places import key_ring

    store = FileKeyStore(key_ring(settings))
    typer.echo(
        f"new key {rotate_keys(store, SystemClock(), settings.tokens.access_seconds * 1_000)}"
    )
