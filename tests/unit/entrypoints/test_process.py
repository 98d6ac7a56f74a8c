"""What a process hands down to those it starts: exactly its own settings, and nothing that could differ."""

import os
from pathlib import Path

import pytest

from cse.entrypoints.process import _adopt
from cse.settings import load_settings


def test_children_get_our_settings_through_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file and a command line made them; the environment alone gives them again, the file's name is gone."""
    file = tmp_path / "any.toml"
    file.write_text('[http]\nport = 7\n[database]\nurl = "postgresql://u:p@h/x"\n')
    before = {"CSE_CONFIG": str(file), "CSE_BOTS_SEED": "3", "CSE_TEST_THING": "stays", "PATH": "p"}
    monkeypatch.setattr(os, "environ", before)
    settings = load_settings(overrides={"data_dir": tmp_path, "bots.seed": 9})
    _adopt(settings)
    assert "CSE_CONFIG" not in os.environ
    assert (os.environ["CSE_TEST_THING"], os.environ["PATH"]) == ("stays", "p")
    again = load_settings()
    assert again == settings
    assert (again.http.port, again.bots.seed) == (7, 9)
    assert again.database_url == "postgresql://u:p@h/x"
