"""The command line: quick to load, helpful, and its looking commands tell the truth about a journal."""

import asyncio
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cse import __version__, cli
from cse.adapters.clock import SystemClock
from cse.cli.app import app
from cse.entrypoints.exits import ExitCode
from cse.messages.events import AssetCreated
from cse.sandbox.venue import bootstrap_commands
from cse.settings import SettingsError, load_settings
from cse.wiring.sequencer import running_sequencer


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory whose journal holds the sandbox's listing."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = load_settings(overrides={"data_dir": folder}, environ={})

    async def write() -> None:
        async with running_sequencer(settings, SystemClock()) as sequencer:
            applied = await sequencer.submit_batch(bootstrap_commands())
            assert isinstance(applied[0].events[0], AssetCreated)

    asyncio.run(write())
    return folder


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    """A fresh interpreter loads the app without database, web server or engine."""
    code = "import sys, cse.cli.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"sqlalchemy", "fastapi", "starlette", "uvicorn", "redis", "pydantic", "cse.engine"}
    assert not heavy & set(loaded.stdout.split())


def test_every_command_has_a_help_text() -> None:
    """Those of the issue are there, each with a sentence."""
    _, text = _run("--help")
    for name in (
        "up", "engine", "gateway", "streamer", "projector", "migrate", "candles", "export", "journal", "snapshot",
        "config", "doctor", "admin", "audit", "kill-switch", "replay-market", "generate-flow", "keys",
    ):  # fmt: skip
        assert f" {name} " in text
        code, _ = _run(name, "--help")
        assert code == 0


def test_the_version_is_the_packages() -> None:
    """`cse --version` says it and nothing else."""
    assert _run("--version") == (0, f"cse {__version__}\n")


def test_config_shows_what_counts_with_secrets_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line per setting; --explain adds what each means."""
    monkeypatch.setenv("CSE_DATABASE_URL", "postgresql://u:hunter2@db/x")
    monkeypatch.setenv("CSE_HTTP_PORT", "9")
    _, shown = _run("config")
    assert "http.port = 9\n" in shown
    assert 'database.url = "postgresql://u:****@db/x"\n' in shown
    _, explained = _run("config", "--explain")
    assert "# CSE_HTTP_PORT: 0 to 65535 TCP port\nhttp.port = 9\n" in explained
    assert "hunter2" not in shown + explained


def test_journal_verify_says_whether_it_is_whole(data_dir: Path) -> None:
    """Whole; then with bytes of an incomplete write; then with one bit flipped."""
    count = len(bootstrap_commands())
    code, text = _run("journal", "verify", "--data-dir", str(data_dir))
    assert (code, text.splitlines()[-1]) == (ExitCode.OK, "whole")
    assert f"{count} commands, the last is {count}" in text
    segment = min((data_dir / "journal").glob("0*"))
    whole = segment.read_bytes()
    segment.write_bytes(whole + b"\x10\0\0\0torn")
    code, text = _run("journal", "verify", str(data_dir / "journal"))
    assert code == ExitCode.OK
    assert "an incomplete write of 8 bytes" in text
    damaged = bytearray(whole)
    damaged[300] ^= 4
    segment.write_bytes(damaged)
    code, text = _run("journal", "verify", "--data-dir", str(data_dir))
    assert code == ExitCode.FAILED
    assert f"DAMAGED: {segment}: damaged at byte" in text


def test_journal_dump_prints_the_commands_asked_for(data_dir: Path) -> None:
    """As JSON for programs, as text for people."""
    asked = ("journal", "dump", "--data-dir", str(data_dir), "--first", "2", "--last", "3")
    lines = [json.loads(line) for line in _run(*asked, "--json")[1].splitlines()]
    assert [(line["sequence"], line["command"], line["symbol"]) for line in lines] == [
        (2, "CreateAsset", "NOVA"),
        (3, "CreateAsset", "LUMEN"),
    ]
    text = _run(*asked)[1].splitlines()
    assert [line.split()[0] for line in text] == ["2", "3"]
    assert "CreateAsset asset_id=2 symbol=NOVA scale=6" in text[0]


def test_replay_gives_the_same_hash_from_a_snapshot_and_from_the_start(data_dir: Path) -> None:
    """`cse snapshot` prints the hash too: all three are one; an earlier state has another."""
    directory = ("--data-dir", str(data_dir))
    last = len(bootstrap_commands())

    def line(*options: str) -> list[str]:
        return _run("journal", "replay", *directory, *options)[1].splitlines()[-1].split()

    from_start = line()
    _, made = _run("snapshot", *directory)
    assert f"command {last}, state hash {from_start[1]}: " in made
    assert line() == line("--from-start") == from_start == [str(last), from_start[1]]
    early = line("--until", "3")
    assert early[1] != from_start[1]
    _, told = _run("journal", "replay", *directory, "--from-start", "--every", "3")
    assert " ".join(early) in told.splitlines()
    _, again = _run("snapshot", *directory)
    assert "there is a good one of this state already" in again


def test_either_engine_may_be_chosen_for_the_same_data(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replayed by one, snapshot by the other, from that snapshot by both: one hash; a wrong choice is refused."""
    directory, said = ("--data-dir", str(data_dir)), set()
    for first, second in (("python", "native"), ("native", "python")):
        for choice, command in ((first, ("journal", "replay")), (second, ("snapshot",))):
            monkeypatch.setenv("CSE_ENGINE", choice)
            _, text = _run(*command, *directory)
            said.add(text.split("state hash ")[-1].split(":")[0].split()[-1])
    assert len(said) == 1
    monkeypatch.setenv("CSE_ENGINE", "rust")
    with pytest.raises(SettingsError, match="'auto', 'python' or 'native'"):
        _run("journal", "replay", *directory)


def test_keys_rotate_makes_another_active_key(tmp_path: Path) -> None:
    """The ring has one key more, the new one active; without a ring it says so."""
    _run("migrate", "--data-dir", str(tmp_path))
    with pytest.raises(Exception, match="there is no key ring"):
        _run("keys", "rotate", "--data-dir", str(tmp_path))
    from cse.adapters.keys.file import FileKeyStore  # noqa: PLC0415  # only here
    from cse.users.keys import Keys  # noqa: PLC0415  # only here

    keys = Keys(FileKeyStore(tmp_path / "keys.json"), SystemClock())
    before = keys.active[0]
    _, text = _run("keys", "rotate", "--data-dir", str(tmp_path))
    keys.reload()
    assert text == f"new key {keys.active[0]}\n"
    assert before != keys.active[0]


def test_generate_flow_writes_both_files(tmp_path: Path) -> None:
    """Message file and order book file, as many lines as asked for."""
    _, text = _run("generate-flow", str(tmp_path), "--messages", "50", "--seed", "7")
    files = [Path(line) for line in text.splitlines()]
    assert [len(file.read_text().splitlines()) for file in files] == [50, 50]


def test_expected_errors_are_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No traceback: the message, and an exit code that tells settings from the rest."""
    monkeypatch.setattr(sys, "argv", ["cse", "journal", "verify", "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == ExitCode.FAILED
    assert capsys.readouterr().err == f"cse: {tmp_path / 'journal'}: there is no journal here\n"
    monkeypatch.setenv("CSE_HTTP_PORT", "x")
    monkeypatch.setattr(sys, "argv", ["cse", "config"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == ExitCode.SETTINGS
    assert "  http.port (CSE_HTTP_PORT): " in capsys.readouterr().err


def test_bots_refuse_real_money(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are for the sandbox only."""
    monkeypatch.setenv("CSE_MODE", "production")
    with pytest.raises(Exception, match="bots trade play money"):
        _run("bots", "--data-dir", str(tmp_path))


@pytest.mark.parametrize("command", [["journal", "replay"], ["journal", "dump"], ["snapshot"]])
def test_a_wrong_folder_is_no_empty_journal(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped data directory is told, not answered with the state of nothing, and nothing is made there."""
    missing = tmp_path / "missing"
    code = _main(*command, "--data-dir", str(missing))
    said = capsys.readouterr()
    assert (code, said.out) == (ExitCode.FAILED, "")
    assert "there is no journal here" in said.err
    assert not missing.exists()


def test_what_the_system_refuses_is_told_in_a_sentence(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the snapshots' folder should be: path and reason, no traceback."""
    (data_dir / "snapshots").write_text("not a folder")
    assert _main("snapshot", "--data-dir", str(data_dir)) == ExitCode.FAILED
    assert capsys.readouterr().err == f"cse: {data_dir / 'snapshots'}: File exists\n"


def _main(*arguments: str) -> int:
    """Run `cse` as its entry point does; returns the exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["cse", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_keys_new_makes_a_pair_of_which_only_the_public_half_is_told(tmp_path: Path) -> None:
    """What is printed is the public key of the file's private one; a second time nothing is written over."""
    from cse.adapters.keys.pair import read_private_key  # noqa: PLC0415  # only here

    file = tmp_path / "bot.pem"
    code, text = _run("keys", "new", str(file))
    assert code == 0
    public_key = read_private_key(file).public_key().public_bytes_raw()
    assert text.split()[-1] == b64encode(public_key).decode()
    secret = "".join(file.read_text().splitlines()[1:-1])
    assert secret not in text
    with pytest.raises(FileExistsError):
        _run("keys", "new", str(file))
    assert "".join(file.read_text().splitlines()[1:-1]) == secret
