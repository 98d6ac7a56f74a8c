"""`cse keys`: the keys that access tokens are signed and secrets sealed with, and key pairs for programs."""

from pathlib import Path
from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

app = typer.Typer(
    help="The keys that access tokens are signed with, and key pairs for programs.",
    no_args_is_help=True,
)


@app.callback()
def keys() -> None:
    """The keys that access tokens are signed with, and key pairs for programs."""


@app.command()
def rotate(*, data_dir: DataDir = None, config: Config = None) -> None:
    """Sign with a new key from now on; tokens that the old one signed stay good until they run out."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.shell_acts import rotate_signing

    typer.echo(f"new key {rotate_signing(settings)}")


@app.command("rotate-sealing")
def rotate_sealing(*, data_dir: DataDir = None, config: Config = None) -> None:
    """Seal secrets in the database with a new key from now on; keep the old ones: they open what they sealed."""
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints import shell_acts

    typer.echo(f"new sealing key {shell_acts.rotate_sealing(settings)}")


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; must not exist yet.")],
) -> None:
    """Make an Ed25519 key pair for an API key: keep the file, give the exchange the public key it prints.

    Nothing is sent anywhere. Register the public key with POST /api/keys. An HMAC key needs no pair: its secret comes
    with the answer of POST /api/keys. How requests are signed: docs/reference/api-keys.md.
    """
    from cse.adapters.keys.pair import write_key_pair

    public_key = write_key_pair(file)
    typer.echo(f"private key  {file} (keep it secret; whoever has it can use the API key)")
    typer.echo(f"public key   {public_key}")
