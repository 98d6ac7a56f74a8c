"""The command understands its input and says clearly what it cannot play."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cse.sandbox.flow.files import generate_flow
from cse.sandbox.replay.binance_plan import Binance
from cse.sandbox.replay.command import FAILED, ReplayOptions, parse_speed, replay_market
from cse.sandbox.replay.formats import open_recording
from cse.sandbox.replay.lobster import Lobster
from cse.sandbox.replay.steps import ReplayError


def test_the_first_line_tells_the_format(tmp_path: Path) -> None:
    """And with it the market of the sandbox whose decimals fit."""
    lobster = open_recording(generate_flow(tmp_path, seed=1, messages=5).messages)
    assert isinstance(lobster.source, Lobster)
    assert lobster.market == "AAPL-USDC"
    recording = tmp_path / "r.jsonl"
    recording.write_text('1723161254024619568 {"stream":"x","data":{}}\n')
    binance = open_recording(recording)
    assert isinstance(binance.source, Binance)
    assert binance.market == "ETH-USDC"


@pytest.mark.parametrize("content", ["", "hello\n", '{"a": 1}\n'])
def test_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    """With what the file begins with."""
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(ReplayError, match="neither a LOBSTER message file nor"):
        open_recording(path)


@pytest.mark.parametrize(("text", "speed"), [("1x", 1.0), ("10x", 10.0), ("0.5x", 0.5), ("7", 7.0)])
def test_speeds(text: str, speed: float) -> None:
    """How many times as fast as it was recorded."""
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "x", "0x", "-1x", "1e3", "fast", "0.0"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    """Zero, signs, exponents, words."""
    with pytest.raises(ReplayError, match="a speed is a number such as"):
        parse_speed(text)


def test_a_missing_file_is_told_and_fails(tmp_path: Path) -> None:
    """One line for the person who typed it, and an exit code for the shell."""
    out = StringIO()
    options = ReplayOptions(tmp_path / "nothing.csv", credentials=tmp_path / "logins.json")
    assert replay_market(options, Console(file=out, width=500)) == FAILED
    assert "replay-market: no such file" in out.getvalue()
    assert not (tmp_path / "logins.json").exists()
