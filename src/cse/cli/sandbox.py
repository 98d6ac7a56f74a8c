"""Commands of the sandbox: the bots, replays of recorded markets, made-up order flow."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cse.cli.options import Config, DataDir, Supervised, settings_from
from cse.cli.quick_start import no_collecting

if TYPE_CHECKING:
    from cse.settings import Settings

Url = Annotated[
    str | None, typer.Option("--url", help="Where the exchange is (here, on the configured port).")
]


def bots(
    *,
    url: Url = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Where their randomness begins (1).")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
    supervised: Supervised = False,
) -> None:
    """Run the sandbox's bots alone, against a running exchange (`cse up` runs them by itself)."""
    settings = settings_from(config, data_dir=data_dir, bots_seed=seed)
    with no_collecting():
        from cse.entrypoints.bots import run

    raise typer.Exit(run(settings, url or _own_url(settings), supervised=supervised))


def replay_market(  # noqa: PLR0913  # one parameter per option
    file: Annotated[
        Path, typer.Argument(help="A LOBSTER message file or a Binance stream recording.")
    ],
    *,
    url: Url = None,
    market: Annotated[
        str | None, typer.Option("--market", help="Where to (the sandbox's market for its kind).")
    ] = None,
    books: Annotated[
        Path | None, typer.Option("--books", help="LOBSTER's order book file (found by its name).")
    ] = None,
    speed: Annotated[
        str,
        typer.Option(
            "--speed", metavar="1x|10x|max", help="1x: real time; max: as fast as it goes."
        ),
    ] = "1x",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Play only so many messages.")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Play recorded market data through the public API, and check book, tape and ledger against it.

    Exit code 0: everything matched, 1: it could not be played, 2: something came out differently.
    """
    settings = settings_from(config, data_dir=data_dir)
    from cse.sandbox.replay.command import ReplayOptions
    from cse.sandbox.replay.command import replay_market as play

    options = ReplayOptions(
        file=file,
        url=url or _own_url(settings),
        market=market,
        books=books,
        speed=None if speed == "max" else speed,
        limit=limit,
        credentials=settings.data_dir / "replay-logins.json",
    )
    raise typer.Exit(play(options))


def generate_flow(
    folder: Annotated[Path, typer.Argument(help="Where the two files are written.")],
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same files.")] = 1,
    messages: Annotated[int, typer.Option("--messages", min=1, help="How many.")] = 100_000,
) -> None:
    """Write made-up order flow in LOBSTER's format: clustered arrivals, realistic cancels."""
    from cse.sandbox.flow.files import generate_flow as generate

    for path in generate(folder, seed=seed, messages=messages):
        typer.echo(str(path))


def _own_url(settings: "Settings") -> str:
    from cse.entrypoints.banner import base_url

    return f"http://{base_url(settings.http.host, settings.http.port)}"


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(bots)
    app.command("replay-market")(replay_market)
    app.command("generate-flow")(generate_flow)
