"""The scan for secrets over what the suite prints finds each kind of them where it was planted, and nothing else."""

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from cse.users import factors, recovery_codes, tokens
from cse.users.keys import Keys
from cse.users.model import Claims
from cse.users.tokens import AccessTokens
from tests.secrets_watch import (
    CLIENT_SECRET,
    MOST,
    PASSWORDS,
    WATCH,
    SecretsWatch,
    found_in_shared_folders,
    look_through,
)
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemoryKeyStore


def _access_token() -> str:
    made = AccessTokens(Keys(MemoryKeyStore(), FakeClock()), FakeClock(), access_ms=1_000)
    return made.issue(Claims(1, 2, "a" * 32, frozenset({"read"}), START_MS + 1_000))


def _new_secret() -> bytes:
    made: bytes = vars(factors)["new_secret"]()
    return made


def _new_code() -> str:
    made: list[str] = vars(recovery_codes)["new_codes"]()
    return made[9]


def _planted() -> dict[str, str]:
    """A secret of each kind, made as the exchange makes it."""
    return {
        "an access token": _access_token(),
        "a token or link": tokens.new_refresh_token(),
        "a TOTP secret": base64.b32encode(_new_secret()).decode(),
        "a recovery code": _new_code(),
        "a password": PASSWORDS[0],
    }


@pytest.mark.parametrize("kind", list(_planted()))
def test_a_planted_secret_is_found(kind: str) -> None:
    """In a line of a log, in JSON, in a URL; what is told of it does not show it again."""
    secret = _planted()[kind]
    for text in (f"login token={secret} ok", f'{{"a":"{secret}"}}', f"GET /reset?token={secret}"):
        found = WATCH.found_in(text)
        assert [each.partition(":")[0] for each in found] == [kind]
        assert secret not in found[0]


def test_what_is_no_secret_is_not_found() -> None:
    """Ids, digests, other words of the same shape, and half a token."""
    link = f"link={tokens.new_refresh_token()} page=/dev/mailbox"
    for text in (link, "a" * 43, _access_token().rpartition(".")[0], "f" * 64, "correct horse", ""):
        assert WATCH.found_in(text) == []


def _report(printed: str, when: str = "call") -> Any:
    sections = [("Captured stdout call", "fine"), ("Captured log call", printed)]
    return SimpleNamespace(sections=sections, when=when, outcome="passed", longrepr=None)


def test_a_test_that_prints_a_secret_fails(tmp_path: Path) -> None:
    """By its output or by a log file that it leaves behind; one that prints none goes on."""
    item: Any = SimpleNamespace(nodeid="test_it", funcargs={"tmp_path": tmp_path})
    secret = tokens.new_refresh_token()
    good, bad = _report("nothing"), _report(f"refreshed {secret}")
    for report in (good, bad):
        look_through(item, report)
    assert (good.outcome, bad.outcome) == ("passed", "failed")
    assert secret not in bad.longrepr
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gateway.log").write_text(f'{{"event": "x", "token": "{secret}"}}\n')
    last = _report("nothing", "teardown")
    look_through(item, last)
    assert last.outcome == "failed"
    assert "gateway.log" in last.longrepr
    (tmp_path / "logs" / "gateway.log").unlink()  # or this very test would fail


def test_what_is_remembered_is_bounded() -> None:
    """The oldest secret is forgotten for the newest."""
    watch = SecretsWatch()
    for number in range(MOST + 1):
        watch.learn(f"secret-number-{number:06}", "a token")
    assert watch.found_in("secret-number-000000") == []
    assert watch.found_in(f"secret-number-{MOST:06}")


def test_client_secrets_of_providers_and_exports_are_known() -> None:
    """As they are, in the body of a form, and as a line that somebody takes along."""
    watch = SecretsWatch()
    form = urlencode({"client_secret": CLIENT_SECRET})
    for text in (f"sent {CLIENT_SECRET}!", form):
        assert watch.found_in(text) == ["a provider's client secret"]
    assert watch.found_in('{"kind":"profile","data":{"bio":""}}')
    assert watch.found_in("client_secret=**********") == []


def test_folders_that_no_single_test_owned_are_looked_through(tmp_path: Path) -> None:
    """What a server of a module wrote to its log is found when the session ends."""
    (tmp_path / "exchange0").mkdir()
    (tmp_path / "exchange0/gateway.log").write_text(f"said {CLIENT_SECRET}")
    assert found_in_shared_folders(tmp_path) == ["gateway.log: a provider's client secret"]
    (tmp_path / "exchange0/gateway.log").write_text("said nothing")
    assert found_in_shared_folders(tmp_path) == []
