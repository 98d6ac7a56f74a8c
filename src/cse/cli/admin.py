"""`cse admin`: who is what. From here comes the first admin."""

from collections.abc import Callable
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


def _command(*, held: bool) -> Callable[..., None]:
    """Return the command that gives or takes a role: both take the same."""

    def change(
        email: Email,
        role: RoleName,
        *,
        reason: Reason = "by_operator",
        data_dir: DataDir = None,
        config: Config = None,
    ) -> None:
        settings = settings_from(config, data_dir=data_dir)
        from cse.entrypoints.admin import set_role

        typer.echo(set_role(settings, email, role, reason, held=held))

    return change


_KNOWN = "a running exchange knows within a second, the audit log for ever."
app.command("grant", help=f"Give somebody a role; {_KNOWN}")(_command(held=True))
app.command("revoke", help=f"Take a role away; {_KNOWN}")(_command(held=False))
