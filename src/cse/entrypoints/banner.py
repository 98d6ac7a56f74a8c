"""What a person needs to know once the exchange runs: where everything is, and what to beware of."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from cse import __version__
from cse.engine.backend import engine_in_use
from cse.settings import Settings


class Login(NamedTuple):
    """A demo log-in."""

    email: str
    password: str


def show_banner(
    settings: Settings,
    address: tuple[str, int],
    logins: Sequence[Login],
    login_file: Path,
    order_entry: Sequence[str] = (),
) -> None:
    """Print the banner to standard output; `address` is what the socket is bound to."""
    base = base_url(*address)
    engine = engine_in_use(settings.engine)
    lines = [
        ("Web page", f"http://{base}/"),
        ("API docs", f"http://{base}/api/docs"),
        ("WebSocket", f"ws://{base}/ws"),
        *(("Order entry", place) for place in order_entry),
        ("Engine", f"{engine.name} ({engine.reason})" if engine.reason else engine.name),
        ("Data", str(settings.data_dir)),
        ("Logs", str(settings.data_dir / "logs")),
    ]
    lines += [("Demo log-in", f"{login.email}  {login.password}") for login in logins]
    if logins:
        lines.append(("", f"(made at the first start, kept in {login_file})"))
    console = Console(file=sys.stdout, highlight=False)
    out = Text(f"\nCS Exchange {__version__} is running", style="bold green")
    console.print(out, soft_wrap=True)
    for name, value in lines:
        console.print(Text.assemble((f"  {name:<12}", "bold"), value), soft_wrap=True)
    for warning in warnings(settings):
        console.print(
            Text.assemble(("  Warning     ", "bold yellow"), (warning, "yellow")), soft_wrap=True
        )
    console.print("  Ctrl-C stops it.\n", soft_wrap=True)
    sys.stdout.flush()


def base_url(host: str, port: int) -> str:
    """Return host:port as it stands in a URL a browser on this machine can open."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # we translate it, we do not bind it
        host = "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def warnings(settings: Settings) -> list[str]:
    """Say what is for development only, and what durability promises."""
    found = []
    if settings.sandbox:
        found.append(
            "sandbox mode: play money, free deposits, demo log-ins; never use it for real money"
        )
    found += settings.development_only()
    return found
