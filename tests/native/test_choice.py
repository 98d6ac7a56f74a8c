"""Which engine runs: the operator's choice, what is built, and what does not fit together."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from cse.engine import backend
from cse.engine.backend import engine_in_use, frame_tools, new_engine, restore_engine
from cse.engine.native import VERSION, EngineUnusable
from cse.messages.frames import PythonFrames
from cse.messages.layout import LAYOUT_HASH
from cse.messages.registry import CODEC_VERSION
from tests.engines import running_on


def module(**changes: Any) -> Any:
    """A native module that says these things of itself."""
    fits = {"VERSION": VERSION, "CODEC_VERSION": CODEC_VERSION, "LAYOUT_HASH": LAYOUT_HASH}
    return SimpleNamespace(**(fits | changes))


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No native engine is installed."""
    monkeypatch.setitem(sys.modules, "cse_native", None)


def test_the_default_is_native_where_it_is_built() -> None:
    """Auto takes it, python does not, native demands it."""
    with running_on("native"):
        assert new_engine("auto").name == new_engine("native").name == "native"
    assert new_engine("python").name == "python"
    assert engine_in_use("auto") == ("native", "")
    assert engine_in_use("python") == ("python", "chosen by CSE_ENGINE=python")


@pytest.mark.usefixtures("absent")
def test_without_it_python_runs() -> None:
    """Auto goes on with Python and says why."""
    assert new_engine("auto").name == "python"
    assert restore_engine(new_engine("python").records()).name == "python"
    assert isinstance(frame_tools("auto"), PythonFrames)
    name, reason = engine_in_use("auto")
    assert name == "python"
    assert "make native" in reason


@pytest.mark.usefixtures("absent")
def test_what_is_demanded_and_missing_is_an_error_that_says_what_to_run() -> None:
    """Native never falls back in silence."""
    for call in (new_engine, frame_tools, engine_in_use, backend.native_module):
        with pytest.raises(EngineUnusable, match="make native"):
            call("native")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"VERSION": "0.0.9"}, "version 0.0.9"),
        ({"CODEC_VERSION": 99}, "codec version 99"),
        ({"LAYOUT_HASH": bytes(32)}, "message layout 0000"),
    ],
)
@pytest.mark.parametrize("choice", ["auto", "native"])
def test_another_version_is_an_error_that_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch,
    choice: backend.Choice,
    changes: dict[str, Any],
    named: str,
) -> None:
    """Whatever differs is named; auto does not take Python instead, since somebody meant to have both alike."""
    monkeypatch.setitem(sys.modules, "cse_native", module(**changes))
    with pytest.raises(EngineUnusable, match="make native") as caught:
        new_engine(choice)
    assert named in str(caught.value)
    assert new_engine("python").name == "python"
