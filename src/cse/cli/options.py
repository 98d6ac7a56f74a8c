"""Options that several commands share, and the settings that they make."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cse.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="TOML file (default: CSE_CONFIG, DATA_DIR/cse.toml)."
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Where everything is kept (./data)."),
]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on (127.0.0.1).")]
Port = Annotated[
    int | None, typer.Option("--port", help="Port to listen on (8000; 0: any free one).")
]
Queue = Annotated[
    str | None,
    typer.Option("--queue", metavar="ADDRESS", help="Engine's socket: unix:PATH or tcp:HOST:PORT."),
]
Supervised = Annotated[bool, typer.Option("--supervised", hidden=True)]
"""Started by `cse up`: end when standard input does."""


def settings_from(config: Path | None, **options: Any) -> "Settings":
    """Load the settings; options that were not given (None) do not count. `http_port` means http.port."""
    from cse.settings import load_settings
    from cse.settings.load import setting_names

    by_option = {name.replace(".", "_"): name for name in setting_names()}
    given = {by_option[option]: value for option, value in options.items() if value is not None}
    return load_settings(config=config, overrides=given)
