"""Sealed secrets open for their purpose, owner and key only; neither the database nor the key file alone gives them."""

import json

import pytest

from cse.users.errors import DamagedKeys
from cse.users.secret_box import OVERHEAD_BYTES, SecretBox, rotate_sealing_key
from tests.unit.users.stores import MemoryKeyStore

SECRET = b"a shared secret 1234"


def test_what_is_sealed_opens_again_also_elsewhere() -> None:
    """A second process on the same key file opens it; two sealings of one secret look different."""
    store = MemoryKeyStore()
    box = SecretBox(store)
    sealed = box.seal("totp", "user:1", SECRET)
    assert SecretBox(store).open("totp", "user:1", sealed) == SECRET
    assert SECRET not in sealed
    assert len(sealed) == len(SECRET) + OVERHEAD_BYTES
    assert box.seal("totp", "user:1", SECRET) != sealed


@pytest.mark.parametrize(("purpose", "owner"), [("hmac", "user:1"), ("totp", "user:2")])
def test_it_opens_for_nobody_else(purpose: str, owner: str) -> None:
    """A row copied to another person, or to another use, is worth nothing."""
    box = SecretBox(MemoryKeyStore())
    with pytest.raises(DamagedKeys):
        box.open(purpose, owner, box.seal("totp", "user:1", SECRET))


def test_a_changed_byte_anywhere_is_noticed() -> None:
    """Key id, nonce, text, tag, and every length."""
    box = SecretBox(MemoryKeyStore())
    sealed = box.seal("totp", "user:1", SECRET)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(DamagedKeys):
            box.open("totp", "user:1", bytes(changed))
        with pytest.raises(DamagedKeys):
            box.open("totp", "user:1", sealed[:place])


def test_without_the_key_file_nothing_opens() -> None:
    """The database alone is not enough; the refusal names no secret."""
    sealed = SecretBox(MemoryKeyStore()).seal("totp", "user:1", SECRET)
    with pytest.raises(DamagedKeys, match="not in the data directory"):
        SecretBox(MemoryKeyStore()).open("totp", "user:1", sealed)


def test_an_older_key_of_the_file_still_opens_and_recognises() -> None:
    """The last key seals; digests of all keys are given, newest first."""
    old, new = MemoryKeyStore(), MemoryKeyStore()
    before, after = SecretBox(old), SecretBox(new)
    assert old.data is not None
    assert new.data is not None
    both = MemoryKeyStore()
    rings = [json.loads(data)["keys"] for data in (old.data, new.data)]
    both.data = json.dumps({"version": 1, "keys": [*rings[0], *rings[1]]}).encode()
    box = SecretBox(both)
    assert box.open("totp", "user:1", before.seal("totp", "user:1", SECRET)) == SECRET
    assert after.open("totp", "user:1", box.seal("totp", "user:1", SECRET)) == SECRET
    wanted = [*after.digests("code", "user:1", b"x"), *before.digests("code", "user:1", b"x")]
    assert box.digests("code", "user:1", b"x") == wanted


def test_what_a_newer_key_digested_is_recognised_at_once() -> None:
    """A process that runs finds recovery codes that another one has stored under a new key."""
    store = MemoryKeyStore()
    running = SecretBox(store)
    before = running.digests("code", "user:1", b"x")[0]
    rotate_sealing_key(store)
    stored = SecretBox(store).digests("code", "user:1", b"x")[0]
    assert running.digests("code", "user:1", b"x") == [stored, before]


def test_digests_differ_by_purpose_owner_and_data() -> None:
    """The same code of two people does not look the same in the database."""
    box = SecretBox(MemoryKeyStore())
    asked = [
        ("a", "b", b"c"),
        ("x", "b", b"c"),
        ("a", "x", b"c"),
        ("a", "b", b"x"),
        ("a", "b\0c", b""),
    ]
    made = [box.digests(*each)[0] for each in asked]
    assert len(set(made)) == len(asked)
    assert box.digests("a", "b", b"c")[0] == made[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"version": 1, "keys": []}',
        b'{"version": 1, "keys": [{"id": "00", "key": "AA=="}]}',
        b'{"version": 1, "keys": [{"id": "zz", "key": "AA=="}]}',
    ],
)
def test_damaged_keys_stop_the_start(data: bytes) -> None:
    """Nothing is made anew over a file that cannot be read: what it sealed would be lost."""
    store = MemoryKeyStore()
    store.data = data
    with pytest.raises(DamagedKeys):
        SecretBox(store)
    assert store.data == data


def test_a_new_sealing_key_opens_the_old_and_is_met_by_processes_that_run() -> None:
    """What was sealed before opens, what is sealed with the new key opens where only the old one was known."""
    store = MemoryKeyStore()
    running = SecretBox(store)
    before = running.seal("totp", "user:1", SECRET)
    key_id = rotate_sealing_key(store)
    fresh = SecretBox(store)
    after = fresh.seal("totp", "user:1", SECRET)
    assert after[:8].hex() == key_id != before[:8].hex()
    for box in (running, fresh):
        for sealed in (before, after):
            assert box.open("totp", "user:1", sealed) == SECRET
    assert running.seal("totp", "user:1", SECRET)[:8].hex() == key_id, "it has met the new one"
