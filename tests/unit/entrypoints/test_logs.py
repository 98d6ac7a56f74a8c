"""Logs: every line of a file is JSON that names its process, whether structlog or logging wrote it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from cse.entrypoints.logs import start_logging
from cse.settings import load_settings


@pytest.fixture
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("as_before")
def test_the_file_holds_json_from_both_kinds_of_loggers(tmp_path: Path) -> None:
    """One structlog line with fields, one line of plain logging with a traceback, one below the level."""
    (tmp_path / "logs").mkdir()
    settings = load_settings(overrides={"data_dir": tmp_path, "log.format": "json"}, environ={})
    start_logging(settings, "engine")
    structlog.get_logger("a").info("order", id=7)
    structlog.get_logger("a").debug("too much")
    try:
        raise ValueError("x")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("failed")
    lines = [
        json.loads(line) for line in (tmp_path / "logs" / "engine.log").read_text().splitlines()
    ]
    assert [(line["event"], line["level"], line["process"]) for line in lines] == [
        ("order", "info", "engine"),
        ("failed", "error", "engine"),
    ]
    assert lines[0]["id"] == 7
    assert lines[1]["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("form", ["json", "pretty"])
def test_tracebacks_do_not_tell_secrets(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Local variables of the frames (passwords, tokens) are in neither the file nor the terminal."""
    (tmp_path / "logs").mkdir()
    settings = load_settings(overrides={"data_dir": tmp_path, "log.format": form}, environ={})
    start_logging(settings, "engine")
    _fail_with("hunter" + "2")
    told = (tmp_path / "logs" / "engine.log").read_text() + capsys.readouterr().err
    assert "_fail_with" in told
    assert "hunter" + "2" not in told


def _fail_with(password: str) -> None:
    try:
        raise ValueError(len(password))
    except ValueError:
        structlog.get_logger("a").exception("failed")
