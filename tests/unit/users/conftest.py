"""Fixtures for the user service's tests."""

import threading
from collections.abc import Iterator

import pytest

from cse.users import passwords


@pytest.fixture
def slow_bcrypt(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Checks of passwords are not done before the test sets this event."""
    go_on = threading.Event()
    real = passwords.bcrypt.checkpw

    def slow(password: bytes, hashed: bytes) -> bool:
        go_on.wait(60)
        return real(password, hashed)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", slow)
    yield go_on
    go_on.set()
