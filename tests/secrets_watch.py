"""A scan for secrets over everything that the suite prints: output, log records and log files of every test.

Secrets are learnt where they are made: while the suite runs, whoever makes a token, a secret or a code makes it known
here. What a test printed (stdout, stderr, log records) and what it left as log files in its folders is looked through
when it ends; a test whose output holds a secret fails. Output of other processes counts where they write it to files
named `stdout`, `stderr` or `*.log`.

One place may show secrets: the mailbox of the sandbox, a file of its own, and the lines of the log that stand for it.
"""

import base64
import functools
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pytest

from cse.users import api_keys, factors, recovery_codes

CLIENT_SECRET: Final = "cse secret: of % this + provider"  # no real one
"""The one of tests/integration/oauth/local_provider.py."""

PASSWORDS: Final = ("a long pass phrase of 9 words", "correct horse battery")
"""The passwords of people in tests (tests/integration/http_exchange.py, tests/unit/users/people.py)."""
CLIENT_SECRETS: Final = (CLIENT_SECRET, quote(CLIENT_SECRET), quote_plus(CLIENT_SECRET))
"""What the exchange says to providers of identities in tests: as it is, and as it stands in URLs and forms."""
EXPORT: Final = re.compile(r'\{"kind":"(?:profile|sessions?|api_keys?|fills?)","data":')
"""A line of what somebody takes along of their data: it is for them alone."""
TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}")
"""A signed access token, whoever made it."""
MOST: Final = 50_000
"""Secrets that one process remembers; the oldest are forgotten."""
_MAILBOX: Final = "/dev/mailbox"
"""Lines that say this are letters of the sandbox, which go to a page and the log on purpose."""
_LOGS: Final = ("*.log", "stdout", "stderr")
_FILE_BYTES: Final = 5_000_000
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{16,}")


class SecretsWatch:
    """Knows secrets and finds them in text: as whole words, so that a text costs one pass however many are known."""

    def __init__(self) -> None:
        """Know the passwords alone."""
        self._known: dict[str, str] = {}

    def learn(self, secret: str, kind: str) -> None:
        """Know a secret from now on."""
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[secret] = kind

    def found_in(self, text: str) -> list[str]:
        """Return which kinds of secrets a text holds, with the first letters of each."""
        if _MAILBOX in text:
            text = "\n".join(line for line in text.splitlines() if _MAILBOX not in line)
        found = [f"a password: {each[:4]}..." for each in PASSWORDS if each in text]
        found += ["a provider's client secret" for each in CLIENT_SECRETS if each in text]
        found += [f"an export: {match[0]}..." for match in EXPORT.finditer(text)]
        found += [f"an access token: {match[0][:12]}..." for match in TOKEN.finditer(text)]
        for word in _WORD.findall(text):
            if kind := self._known.get(word):
                found.append(f"{kind}: {word[:4]}...")
        return found

    def found_in_logs(self, folders: Iterable[Path]) -> list[str]:
        """Return what the log files below some folders hold."""
        return [
            f"{path.name}: {each}"
            for folder in folders
            for pattern in _LOGS
            for path in folder.rglob(pattern)
            if path.is_file()
            for each in self.found_in(_tail(path))
        ]


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _FILE_BYTES))
        return file.read().decode("utf-8", "replace")


WATCH: Final = SecretsWatch()


def _learning(
    make: Callable[..., Any], secrets_of: Callable[[Any], Iterator[tuple[str, str]]]
) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*arguments: Any, **named: Any) -> Any:
        result = make(*arguments, **named)
        for secret, kind in secrets_of(result):
            WATCH.learn(secret, kind)
        return result

    return made


def _token(token: str) -> Iterator[tuple[str, str]]:
    yield token, "a token or link"


def _totp_secret(secret: bytes) -> Iterator[tuple[str, str]]:
    yield base64.b32encode(secret).decode("ascii"), "a TOTP secret"
    yield secret.hex(), "a TOTP secret"


def _codes(codes: list[str]) -> Iterator[tuple[str, str]]:
    for code in codes:
        yield code, "a recovery code"


def _key_secret(made: tuple[str | None, bytes | None]) -> Iterator[tuple[str, str]]:
    if made[0] is not None:
        yield made[0], "an API key's secret"


_MAKERS: Final = (
    (secrets, "token_urlsafe", _token),  # refresh tokens, links of letters, tickets of linking
    (factors, "new_secret", _totp_secret),
    (recovery_codes, "new_codes", _codes),
    (api_keys.ApiKeys, "_new_secret", _key_secret),
)


def listen() -> None:
    """Learn every secret that is made in this process from now on."""
    for owner, name, secrets_of in _MAKERS:
        setattr(owner, name, _learning(getattr(owner, name), secrets_of))


_looked_through: Final[set[Path]] = set()


def found_in_shared_folders(base: Path) -> list[str]:
    """Return what stands in log files of folders that no single test owned: those of modules and of the session."""
    folders = [each for each in base.iterdir() if each.is_dir() and not each.is_symlink()]
    return WATCH.found_in_logs(each for each in folders if each not in _looked_through)


def look_through(item: pytest.Item, report: pytest.TestReport) -> None:
    """Fail a test whose output holds a secret."""
    printed = "\n".join(text for _, text in report.sections)
    found = WATCH.found_in(printed)
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if isinstance(folder, Path):
        _looked_through.add(folder)
    if report.when == "teardown" and isinstance(folder, Path):
        found += WATCH.found_in_logs([folder])
    if found and report.outcome == "passed":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} printed secrets: {sorted(set(found))}"
