"""The key ring: made once, rotated with an overlap, refused when damaged, never shown in logs."""

import msgspec
import pytest

from cse.users.errors import DamagedKeys
from cse.users.keys import (
    RELOAD_MS,
    KeyRing,
    Keys,
    decode,
    encode,
    new_ring,
    rotate,
    rotate_keys,
)
from tests.unit.users.people import START_MS, FakeClock
from tests.unit.users.stores import MemoryKeyStore

ACCESS_MS = 900_000


def test_a_ring_comes_back_from_its_bytes() -> None:
    """Encoding and decoding lose nothing."""
    ring = rotate(new_ring(START_MS), START_MS + 1, ACCESS_MS)
    assert decode(encode(ring)) == ring


def test_the_first_start_makes_a_ring_and_the_second_uses_it() -> None:
    """Tokens survive a restart."""
    store, clock = MemoryKeyStore(), FakeClock()
    assert Keys(store, clock).active[0] == Keys(store, clock).active[0]


def test_an_old_key_verifies_until_its_last_token_has_run_out() -> None:
    """After a rotation both keys are found; when the overlap is over the next rotation drops the old one."""
    store, clock = MemoryKeyStore(), FakeClock()
    old = Keys(store, clock).active[0]
    new = rotate_keys(store, clock, ACCESS_MS)
    keys = Keys(store, clock)
    assert keys.active[0] == new != old
    assert keys.find(old) is not None
    clock.time_ms += ACCESS_MS + 2 * RELOAD_MS
    rotate_keys(store, clock, ACCESS_MS)
    assert Keys(store, clock).find(old) is not None
    clock.time_ms += 1
    rotate_keys(store, clock, ACCESS_MS)
    assert Keys(store, clock).find(old) is None


def test_another_process_finds_a_new_key_by_its_id() -> None:
    """A token of a key that was made elsewhere a moment ago is looked up again, not refused."""
    store, clock = MemoryKeyStore(), FakeClock()
    keys = Keys(store, clock)
    generation = keys.generation
    new = rotate_keys(store, clock, ACCESS_MS)
    clock.time_ms += 1_000
    assert keys.find(new) is not None
    assert keys.generation == generation + 1


def test_made_up_key_ids_do_not_read_the_ring_each_time() -> None:
    """At most once a second, whatever clients send."""
    clock = FakeClock()

    class CountingStore(MemoryKeyStore):
        reads = 0

        def load_or_create(self, create):  # type: ignore[no-untyped-def]  # as the port says
            self.reads += 1
            return super().load_or_create(create)

    store = CountingStore()
    keys = Keys(store, clock)
    clock.time_ms += 10_000
    for number in range(100):
        assert keys.find(f"made up {number}") is None
    assert store.reads == 2


def test_a_ring_that_went_bad_leaves_the_known_keys_in_use() -> None:
    """A damaged file does not log everybody out; reloading says what is wrong."""
    store, clock = MemoryKeyStore(), FakeClock()
    keys = Keys(store, clock)
    store.data = b"{}"
    clock.time_ms += 10_000
    assert keys.find("unknown") is None
    assert keys.find(keys.active[0]) is not None
    with pytest.raises(DamagedKeys):
        keys.reload()


def _break(ring: KeyRing, **changes: object) -> bytes:
    key = msgspec.structs.replace(ring.keys[0], **changes)
    return encode(KeyRing(1, (key,)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"version": 1, "keys": []}',
        encode(KeyRing(2, new_ring(START_MS).keys)),
        encode(KeyRing(1, new_ring(START_MS).keys + new_ring(START_MS).keys)),
        _break(new_ring(START_MS), retired_at=START_MS),
        _break(new_ring(START_MS), kid="another"),
        _break(new_ring(START_MS), seed="AAAA"),
        _break(new_ring(START_MS), seed="no base64!"),
    ],
)
def test_a_damaged_ring_is_refused(data: bytes) -> None:
    """Empty, foreign, of another version, with two active keys or none, or with a key that is not itself."""
    with pytest.raises(DamagedKeys):
        decode(data)


def test_no_secret_is_printed() -> None:
    """A ring in a log line or traceback shows no seed."""
    ring = new_ring(START_MS)
    assert ring.keys[0].seed not in repr(ring)
