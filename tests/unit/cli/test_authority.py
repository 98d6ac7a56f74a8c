"""`cse audit` and `cse admin`: what is whole is said so, the first bad record is named, roles come from the shell."""

import asyncio
import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.cli.app import app
from cse.core.errors import CseError
from cse.entrypoints.admin import CannotGrant
from cse.entrypoints.exits import ExitCode
from cse.entrypoints.export.tables import CannotExport
from cse.settings import Settings
from cse.users.audit import Act, AuditAct
from cse.users.keys import encode, new_ring
from cse.users.model import NewUser
from cse.wiring.places import key_ring
from tests.servers.migrated import migrated
from tests.unit.users.people import START_MS, FakeClock


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A database with Ada (that is record 1) and nine more records, one of them with a formula."""
    folder = tmp_path / "data"
    folder.mkdir()

    async def fill() -> None:
        url = f"sqlite:///{folder / 'cse.db'}"
        await migrated(url)
        engine = make_engine(url)
        await SqlUserStore(engine).add_user(
            NewUser("ada@example.com", "Ada", "ada", "$2b$", 0, START_MS)
        )
        log = SqlAuditLog(engine, FakeClock())
        for number in range(9):
            reason = "=HYPERLINK(1)" if number == 4 else "test"
            await log.record(
                AuditAct(act=Act.LOG_IN, actor="user:1", object=f"session:{number}", reason=reason)
            )
        await engine.dispose()

    asyncio.run(fill())
    return folder


def tamper(data_dir: Path, change: str) -> None:
    """What somebody with the file and no respect for triggers does."""
    with closing(sqlite3.connect(data_dir / "cse.db")) as database:
        for name in ("update", "delete", "replace"):
            database.execute(f"DROP TRIGGER IF EXISTS audit_log_no_{name}")
        database.execute(change)
        database.commit()


def test_a_whole_log_is_said_to_be_whole_with_its_head(data_dir: Path) -> None:
    """The head that is printed can be asked for the next time."""
    code, said, _ = run("audit", "verify", "--data-dir", str(data_dir))
    assert (code, said.startswith("whole: 10 records")) == (ExitCode.OK, True)
    head = said.split()[-1]
    assert run("audit", "verify", "--expect", head, "--data-dir", str(data_dir))[0] == ExitCode.OK


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ("UPDATE audit_log SET actor = 'user:2' WHERE number = 7", 7),
        ("UPDATE audit_log SET at_ms = at_ms + 1 WHERE number = 1", 1),
        ("DELETE FROM audit_log WHERE number = 5", 5),
        ("DELETE FROM audit_log WHERE number < 3", 1),
        ("UPDATE audit_log SET digest = zeroblob(32) WHERE number = 10", 10),
    ],
)
def test_the_first_bad_record_is_named(data_dir: Path, change: str, bad: int) -> None:
    """Exit code 1 and the number of the record."""
    tamper(data_dir, change)
    code, said, _ = run("audit", "verify", "--data-dir", str(data_dir))
    assert code == ExitCode.FAILED
    assert said.startswith(f"NOT whole: record {bad} is bad")


def test_a_cut_off_end_is_found_with_a_head_that_was_noted(data_dir: Path) -> None:
    """The chain itself cannot know; the head from before does. Nor does a log that was made anew fit it."""
    head = run("audit", "verify", "--data-dir", str(data_dir))[1].split()[-1]
    tamper(data_dir, "DELETE FROM audit_log WHERE number > 8")
    assert run("audit", "verify", "--data-dir", str(data_dir))[0] == ExitCode.OK
    code, said, _ = run("audit", "verify", "--expect", head, "--data-dir", str(data_dir))
    assert (code, "record 9 is missing" in said) == (ExitCode.FAILED, True)
    code, said, _ = run("audit", "verify", "--expect", f"3:{'0' * 64}", "--data-dir", str(data_dir))
    assert (code, "record 3 is bad" in said) == (ExitCode.FAILED, True)
    with pytest.raises(CannotExport, match="is no head"):
        run("audit", "verify", "--expect", "yesterday", "--data-dir", str(data_dir))


def test_an_export_holds_every_record_and_no_formula(data_dir: Path, tmp_path: Path) -> None:
    """CSV with what a spreadsheet would run made text; JSON lines with `before` and `after` as objects."""
    file = tmp_path / "audit.csv"
    code, _, said = run("audit", "export", "-o", str(file), "--data-dir", str(data_dir))
    assert (code, "10 records" in said) == (ExitCode.OK, True)
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 11)]
    assert (rows[5]["reason"], rows[0]["act"]) == ("'=HYPERLINK(1)", "user.register")
    with pytest.raises(CannotExport, match="exists"):
        run("audit", "export", "-o", str(file), "--data-dir", str(data_dir))
    lines = tmp_path / "audit.jsonl"
    run("audit", "export", "-o", str(lines), "--format", "jsonl", "--data-dir", str(data_dir))
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    assert records[0]["after"] == {"account_id": 1_000, "handle": "Ada"}
    assert len({record["digest"] for record in records}) == 10


def test_the_first_admin_comes_from_the_shell(data_dir: Path) -> None:
    """Given, there already, taken; each change is recorded, and the log stays whole."""
    asked = ("ada@example.com", "admin", "--data-dir", str(data_dir))
    assert run("admin", "grant", *asked)[1] == "Ada (user 1) has the role admin now\n"
    assert run("admin", "grant", *asked)[1] == "Ada (user 1) has the role admin anyway\n"
    revoked = run("admin", "revoke", *asked, "--reason", "left")
    assert revoked[1] == "Ada (user 1) does not have the role admin now\n"
    code, said, _ = run("audit", "verify", "--data-dir", str(data_dir))
    assert (code, "12 records" in said) == (ExitCode.OK, True)


@pytest.mark.parametrize(
    ("email", "role", "reason", "told"),
    [
        ("bob@example.com", "admin", "new_hire", "nobody is registered"),
        ("ada@example.com", "root", "new_hire", "no role"),
        ("ada@example.com", "user", "new_hire", "no role"),
        ("ada@example.com", "admin", "Because!", "no reason"),
    ],
)
def test_what_cannot_be_given_is_refused(
    data_dir: Path, email: str, role: str, reason: str, told: str
) -> None:
    """One sentence, and nothing is recorded."""
    with pytest.raises(CannotGrant, match=told):
        run("admin", "grant", email, role, "--reason", reason, "--data-dir", str(data_dir))
    assert "10 records" in run("audit", "verify", "--data-dir", str(data_dir))[1]


@pytest.mark.parametrize(
    ("command", "act", "what"),
    [
        ("rotate", "signing_key.rotate", "signing_keys"),
        ("rotate-sealing", "sealing_key.rotate", "sealing_keys"),
    ],
)
def test_rotating_keys_stands_in_the_log(data_dir: Path, command: str, act: str, what: str) -> None:
    """By whoever was at the shell, before it is done; no key and no id of one is in it."""
    settings = Settings(data_dir=data_dir)
    FileKeyStore(key_ring(settings)).load_or_create(lambda: encode(new_ring(START_MS)))
    said = run("keys", command, "--data-dir", str(data_dir))[1]
    assert "key" in said
    log = run("audit", "export", "--format", "jsonl", "--data-dir", str(data_dir))[1]
    last = json.loads(log.splitlines()[-1])
    assert (last["act"], last["object"]) == (act, what)
    assert last["actor"].startswith("machine:")
    assert (last["before"], last["after"]) == ({}, {})


def test_keys_are_not_rotated_where_it_cannot_be_recorded(tmp_path: Path) -> None:
    """Without a database there is no record, so the ring stays as it is."""
    ring = key_ring(Settings(data_dir=tmp_path))
    store = FileKeyStore(ring)
    before = store.load_or_create(lambda: encode(new_ring(START_MS)))
    with pytest.raises(CseError):
        run("keys", "rotate", "--data-dir", str(tmp_path))
    assert store.load_or_create(lambda: b"") == before
