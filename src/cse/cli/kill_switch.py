"""`cse kill-switch`: one market or all stop at once."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from cse.cli.options import Config, settings_from


class Mode(StrEnum):
    """How a market stops."""

    CANCEL_ONLY = "cancel_only"
    HALT = "halt"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="kill-switch")(kill_switch)


def kill_switch(  # each is an option of the command
    mode: Annotated[
        Mode, typer.Argument(help="cancel_only: no new orders; halt: no cancels either.")
    ],
    *,
    email: Annotated[str, typer.Option("--email", help="Who stops: their role must allow it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, as a code for the audit log.")],
    market: Annotated[
        str | None, typer.Option("--market", metavar="SYMBOL", help="Only this one (all).")
    ] = None,
    totp: Annotated[str | None, typer.Option("--totp", help="The authenticator's code.")] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The exchange (this machine's, by its settings).")
    ] = None,
    config: Config = None,
) -> None:
    """Stop one market or all of a running exchange, now. Trading is resumed market by market.

    The password is asked for; without a terminal it is the first line of standard input.
    """
    settings = settings_from(config)
    from cse.entrypoints.kill_switch import LogIn, kill

    where = url or f"http://127.0.0.1:{settings.http.port}"
    for line in kill(where, LogIn(email, _password(), totp), mode.value, market, reason):
        typer.echo(line)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True)
    return asked
