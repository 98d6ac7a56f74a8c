"""`cse journal`: walk the journal, print its commands, replay it. None of these change anything."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cse.cli.options import Config, DataDir, settings_from

if TYPE_CHECKING:
    from cse.adapters.journal.reader import FileJournalReader
    from cse.sequencer.ports import JournalCheck, SegmentCheck

app = typer.Typer(help="Look at the journal; nothing here changes it.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="The journal's folder (DATA_DIR/journal).")
]


@app.command()
def verify(*, folder: Folder = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Walk the journal from end to end and say whether it is whole; exit code 1 if it is not."""
    from cse.entrypoints.exits import ExitCode

    found = _reader(folder, data_dir, config).verify()
    for segment in found.segments:
        typer.echo(_segment_line(segment))
    for line in _verdict(found):
        typer.echo(line)
    raise typer.Exit(ExitCode.OK if found.whole else ExitCode.FAILED)


@app.command()
def dump(
    *,
    folder: Folder = None,
    first: Annotated[int, typer.Option("--first", min=1, help="Begin with this command.")] = 1,
    last: Annotated[
        int | None, typer.Option("--last", min=1, help="End with this command (the last one).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Print commands, one line each: sequence, time, type, fields."""
    from cse.sequencer.inspection import dump as lines

    for line in lines(_reader(folder, data_dir, config), first=first, last=last, as_json=as_json):
        typer.echo(line)


@app.command()
def replay(
    *,
    until: Annotated[
        int | None, typer.Option("--until", min=0, help="Stop after this command (the last one).")
    ] = None,
    every: Annotated[
        int,
        typer.Option("--every", min=0, help="Print the state hash every so many commands, too."),
    ] = 0,
    from_start: Annotated[
        bool,
        typer.Option(
            "--from-start", help="Use no snapshot: apply every command from the first on."
        ),
    ] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Replay the journal into an engine and print sequence and state hash."""
    settings = settings_from(config, data_dir=data_dir)
    import time

    from cse.adapters.journal.places import open_reader, open_snapshots
    from cse.sequencer.inspection import replay_journal

    began = time.perf_counter()
    found = replay_journal(
        open_reader(settings.data_dir, settings.engine),
        snapshots=None if from_start else open_snapshots(settings.data_dir),
        until=until,
        every=every,
        on_hash=lambda sequence, state_hash: typer.echo(f"{sequence} {state_hash}"),
        choice=settings.engine,
    )
    took_s = time.perf_counter() - began
    for bad in found.bad_snapshots:
        typer.echo(f"passed over: {bad}", err=True)
    base = f"snapshot {found.began_with}" if found.began_with else "nothing"
    typer.echo(f"from {base}, {found.replayed} commands replayed in {took_s:.2f} s", err=True)
    typer.echo(f"{found.sequence} {found.state_hash}")


def _reader(folder: Path | None, data_dir: Path | None, config: Path | None) -> "FileJournalReader":
    from cse.adapters.journal.places import open_reader
    from cse.adapters.journal.reader import FileJournalReader

    if folder is not None:
        return FileJournalReader(folder)
    return open_reader(settings_from(config, data_dir=data_dir).data_dir)


def _segment_line(segment: "SegmentCheck") -> str:
    records = segment.last_sequence - segment.first_sequence + 1
    return f"{segment.path}: commands {segment.first_sequence} on, {records} of them, {segment.size} bytes"


def _verdict(found: "JournalCheck") -> list[str]:
    lines = [f"venue {found.venue_id}: {found.records} commands, the last is {found.last_sequence}"]
    if found.torn is not None:
        lines.append(
            f"an incomplete write of {found.torn.bytes_cut} bytes lies at byte {found.torn.offset} of"
            f" {found.torn.path}: it was never acknowledged, the next start cuts it off"
        )
    if found.lost_after is not None:
        lines.append(
            f"LOST: commands up to {found.lost_after} had been durable and are missing at the end"
        )
    if found.damage is not None:
        lines.append(f"DAMAGED: {found.damage}")
    lines.append(
        "whole" if found.whole else "NOT whole: restore the journal from a copy; do not edit it"
    )
    return lines
