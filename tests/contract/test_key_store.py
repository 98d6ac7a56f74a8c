"""Holds every KeyStore to its port: the file, and the bytes that unit tests use."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from cse.adapters.keys.file import FileKeyStore
from cse.users.errors import DamagedKeys
from cse.users.ports import KeyStore
from tests.unit.users.stores import MemoryKeyStore


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    return MemoryKeyStore() if request.param == "memory" else FileKeyStore(tmp_path / "keys.json")


def test_the_ring_is_made_once(store: KeyStore) -> None:
    """The second start reads what the first one made."""
    assert store.load_or_create(lambda: b"first") == b"first"
    assert store.load_or_create(lambda: b"second") == b"first"


def test_a_change_replaces_the_ring(store: KeyStore) -> None:
    """The change sees the ring as it is; readers see the new one."""
    store.load_or_create(lambda: b"first")
    store.replace(lambda data: data + b" and second")
    assert store.load_or_create(lambda: b"other") == b"first and second"


def test_a_failed_change_changes_nothing(store: KeyStore) -> None:
    """The change raises: the ring stays as it was, and the next change is not locked out."""
    store.load_or_create(lambda: b"first")

    def fail(_: bytes) -> bytes:
        raise DamagedKeys("no")

    with pytest.raises(DamagedKeys):
        store.replace(fail)
    assert store.load_or_create(lambda: b"other") == b"first"
    store.replace(lambda _: b"next")
    assert store.load_or_create(lambda: b"other") == b"next"


def test_there_is_nothing_to_change_without_a_ring(store: KeyStore) -> None:
    """Rotating before the first start is an error with a message."""
    with pytest.raises(DamagedKeys, match="no key ring"):
        store.replace(lambda data: data)


def test_many_starts_at_once_agree_on_one_ring(tmp_path: Path) -> None:
    """Whoever makes it first makes it for all."""
    numbers = count()
    stores = [FileKeyStore(tmp_path / "keys.json") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda s: s.load_or_create(lambda: b"%d" % next(numbers)), stores))
    assert len(set(rings)) == 1


def test_many_changes_at_once_are_all_made(tmp_path: Path) -> None:
    """One after the other, none lost."""
    stores = [FileKeyStore(tmp_path / "keys.json") for _ in range(8)]
    stores[0].load_or_create(lambda: b"")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda s: s.replace(lambda data: data + b"x"), stores))
    assert stores[0].load_or_create(lambda: b"") == b"x" * 8


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Made and replaced with mode 0600, whatever the umask; one that others may read is refused by name."""
    path = tmp_path / "keys.json"
    store = FileKeyStore(path)
    before = os.umask(0)
    try:
        store.load_or_create(lambda: b"ring")
        store.replace(lambda data: data)
    finally:
        os.umask(before)
    assert [oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == ["0o600"] * 2
    path.chmod(0o640)
    with pytest.raises(DamagedKeys, match="chmod 600"):
        store.load_or_create(lambda: b"ring")


def test_a_leftover_of_a_crash_is_no_obstacle(tmp_path: Path) -> None:
    """A half-written new file from before does not count and does not stand in the way."""
    (tmp_path / "keys.json.new").write_bytes(b"half")
    store = FileKeyStore(tmp_path / "keys.json")
    assert store.load_or_create(lambda: b"ring") == b"ring"
    store.replace(lambda data: data + b"2")
    assert (tmp_path / "keys.json").read_bytes() == b"ring2"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder in its place: the error says which path and why."""
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(DamagedKeys, match=r"keys\.json"):
        FileKeyStore(tmp_path / "keys.json").load_or_create(lambda: b"ring")
