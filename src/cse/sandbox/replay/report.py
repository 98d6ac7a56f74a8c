"""The closing table of a replay, and the numbers behind its lines."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from cse.core.money import format_units
from cse.sandbox.replay.checks import LedgerCheck
from cse.sandbox.replay.runner import Outcome

PERCENTILES: Final = (50, 90, 99)


def percentile_ms(sorted_ns: Sequence[int], percent: int) -> str:
    """Return a percentile (nearest rank) of nanoseconds as milliseconds with two decimals."""
    if not sorted_ns:
        return "-"
    rank = -(-len(sorted_ns) * percent // 100)
    return f"{sorted_ns[max(rank, 1) - 1] / 1e6:.2f}"


def latency_line(latencies_ns: Sequence[int]) -> str:
    """Return p50, p90, p99 and the longest call in milliseconds."""
    ordered = sorted(latencies_ns)
    parts = [f"p{percent} {percentile_ms(ordered, percent)}" for percent in PERCENTILES]
    return "   ".join([*parts, f"max {percentile_ms(ordered, 100)}"])


def closing_table(outcome: Outcome) -> Table:
    """Return what happened and how every check ended, one line each."""
    table = Table(title=f"{outcome.recording.name} in {outcome.market}", show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    per_second = outcome.messages / outcome.seconds if outcome.seconds else 0.0
    table.add_row(
        "Messages",
        f"{outcome.messages:,} in {outcome.seconds:.1f} s ({per_second:,.0f} per second)",
    )
    for note, count in sorted(outcome.notes.items()):
        table.add_row("", f"{note}: {count:,}")
    table.add_row(
        "Orders",
        f"{outcome.orders:,} placed, {outcome.amends:,} reduced, {outcome.cancels:,} cancelled",
    )
    table.add_row("Trades", f"{outcome.trades:,}")
    table.add_row(
        "Latency (ms)",
        f"{latency_line(outcome.latencies_ns)}   of {len(outcome.latencies_ns):,} calls",
    )
    if outcome.unknown:
        table.add_row("Lost answers", f"{outcome.unknown:,}, all found out by client order id")
    table.add_section()
    table.add_row("Book check", _book_line(outcome))
    table.add_row("Tape check", _tape_line(outcome))
    for line in _ledger_lines(outcome.ledger):
        table.add_row("Ledger check", line)
    return table


def _verdict(text: str, *, good: bool) -> str:
    return f"[green]ok[/]  {text}" if good else f"[red]DIFFERENT[/]  {text}"


def _book_line(outcome: Outcome) -> str:
    book = outcome.book
    text = (
        f"{book.levels:,} levels of {book.books:,} books are what they must be"
        f" ({book.learned:,} more had just been set from it)"
    )
    if book.differences:
        text = f"{book.differences:,} of {book.levels:,} levels; first: {book.first}"
    return _verdict(text, good=not book.differences)


def _tape_line(outcome: Outcome) -> str:
    tape = outcome.tape
    text = f"{tape.actual:,} trades: price, quantity, taker side and order as they went in"
    return _verdict(tape.first or text, good=not tape.first)


def _ledger_lines(ledger: LedgerCheck) -> list[str]:
    lines = [
        _verdict(
            f"{line.asset}: {format_units(line.after, line.scale)} + fees"
            f" {format_units(line.fees, line.scale)} = {format_units(line.before, line.scale)} before"
            if not line.difference
            else f"{line.asset}: off by {format_units(line.difference, line.scale)}",
            good=not line.difference,
        )
        for line in ledger.lines
    ]
    fills_match = ledger.fills == 2 * ledger.trades
    text = f"{ledger.fills:,} fills of {ledger.trades:,} trades"
    return [*lines, _verdict(text, good=fills_match)]
