"""Figures, the table that people read and the JSON that stays."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured number: the median of its runs, with what it was measured against in the same run."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    """What the baseline is; empty for a figure that stands alone."""
    baseline_value: float | None = None
    target: str = ""
    """What the issue asks for, in words."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return value / baseline."""
        return self.value / self.baseline_value if self.baseline_value else None


def machine() -> dict[str, object]:
    """Say what the figures were measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip() or "unknown",
    }


def number(value: float | None) -> str:
    """Print a figure with three digits that matter, thousands separated."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def table(figures: list[Figure]) -> Table:
    """Return the figures as a table."""
    result = Table("figure", "value", "unit", "baseline", "its value", "ratio", "asked for", "note")
    for figure in figures:
        result.add_row(
            figure.name,
            number(figure.value),
            figure.unit,
            figure.baseline,
            number(figure.baseline_value),
            number(figure.ratio),
            figure.target,
            figure.note,
        )
    return result


def publish(bench: str, figures: list[Figure], *, save: bool) -> None:
    """Print one benchmark's figures and, unless it was a short run, keep them under results/."""
    console = Console(width=180)
    console.print(table(figures))
    if save:
        RESULTS.mkdir(exist_ok=True)
        rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
        text = json.dumps({"bench": bench, "machine": machine(), "figures": rows}, indent=1)
        (RESULTS / f"{bench}.json").write_text(text + "\n", encoding="utf-8")
