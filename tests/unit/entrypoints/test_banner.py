"""The banner: addresses that a browser can open, log-ins, and every warning that is due."""

from pathlib import Path

import pytest

from cse.engine.backend import Choice
from cse.entrypoints.banner import Login, base_url, show_banner
from cse.settings import load_settings


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        (("127.0.0.1", 80), "127.0.0.1:80"),
        (("0.0.0.0", 8000), "127.0.0.1:8000"),
        (("::", 8000), "127.0.0.1:8000"),
        (("::1", 8000), "[::1]:8000"),
    ],
)
def test_an_address_is_one_that_can_be_opened(bound: tuple[str, int], shown: str) -> None:
    """All interfaces are no address for a browser; IPv6 stands in brackets."""
    assert base_url(*bound) == shown


def test_it_is_printed_unbroken_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Long paths are not wrapped, so that scripts find them; log-ins are told with their file."""
    folder = tmp_path / ("long" * 50)
    settings = load_settings(overrides={"data_dir": folder}, environ={})
    login = Login("ada@sandbox.example", "secret")
    show_banner(settings, ("127.0.0.1", 9), [login], folder / "demo-logins.json")
    shown = capsys.readouterr().out.splitlines()
    assert "  Web page    http://127.0.0.1:9/" in shown
    assert f"  Data        {folder}" in shown
    assert "  Demo log-in ada@sandbox.example  secret" in shown
    assert any("play money" in line for line in shown)


def test_production_has_no_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing for development is chosen, nothing is warned of, nobody's log-in is shown."""
    settings = load_settings(environ={"CSE_MODE": "production"})
    show_banner(settings, ("127.0.0.1", 9), [], Path("none"))
    shown = capsys.readouterr().out
    assert "Warning" not in shown
    assert "log-in" not in shown


def test_it_says_which_engine_runs(
    capsys: pytest.CaptureFixture[str], either_engine: Choice
) -> None:
    """The native one where it is built, else the Python one and why."""
    show_banner(load_settings(environ={}), ("127.0.0.1", 9), [], Path("none"))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Engine" in line]
    assert line.split()[:2] == ["Engine", either_engine]
    assert ("make native" in line) == (either_engine == "python")
