"""`cse admin`: who is what. From here comes the first admin."""

from typing import Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

app = typer.Typer(help="Give and take roles, from the machine itself.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Whom: a registered address.")]
RoleName = Annotated[
    str, typer.Argument(metavar="ROLE", help="creator, support, risk, finance or admin.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, as a code for the audit log.")]


@app.callback()
def admin() -> None:
    """Give and take roles, from the machine itself."""


@app.command()
def grant(
    email: Email,
    role: RoleName,
    *,
    reason: Reason = "by_operator",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Give somebody a role; a running exchange knows within a second, the audit log for ever."""
    _set(email, role, reason, data_dir, config, held=True)


@app.command()
def revoke(
    email: Email,
    role: RoleName,
    *,
    reason: Reason = "by_operator",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Take a role away; a running exchange knows within a second, the audit log for ever."""
    _set(email, role, reason, data_dir, config, held=False)


def _set(
    email: str, role: str, reason: str, data_dir: DataDir, config: Config, *, held: bool
) -> None:
    settings = settings_from(config, data_dir=data_dir)
    from cse.entrypoints.admin import set_role

    typer.echo(set_role(settings, email, role, reason, held=held))
