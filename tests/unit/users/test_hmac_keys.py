"""A secret shared with a program: shown once, sealed in the store, opened only by who has the sealing keys."""

import hashlib
import hmac

import msgspec
import pytest

from cse.core.errors import Unavailable
from cse.users.api_keys import MAX_OVERLAP_MS, MIN_OVERLAP_MS, ApiKeys
from cse.users.errors import InvalidField, KeyOver, RotationRuns
from cse.users.key_requests import KeyRequest
from cse.users.known_keys import KNOWN_MS
from cse.users.model import HMAC, KeyPrincipal, KeyRefused, MadeKey, NewUser
from cse.users.secret_box import SecretBox
from tests.unit.users.people import START_MS, World
from tests.unit.users.stores import MemoryKeyStore

ANN, BOB = 1, 2
MESSAGE = b"1700000000000GET/api/balances"


@pytest.fixture
async def world() -> World:
    made = World()
    for name in ("ann", "bob"):
        await made.users.add_user(NewUser(f"{name}@example.com", name, name, "$2b$", 0, START_MS))
    return made


def process(world: World, sealing: MemoryKeyStore | None = None) -> ApiKeys:
    """A gateway of the world, with its sealing keys unless others are given."""
    box = SecretBox(sealing or world.sealing_keys)
    return ApiKeys(world.api_keys, world.bus, world.clock, box, audit=world.trail)


async def made(keys: ApiKeys, **changes: object) -> MadeKey:
    asked = {"name": "bot", "public_key": None, "scopes": ["trade"], "kind": HMAC, **changes}
    return await keys.create(ANN, KeyRequest(**asked))  # type: ignore[arg-type]  # a test's own fields


def mac(secret: str | None) -> bytes:
    """What a program computes: with the text that it was shown as the key."""
    assert secret is not None
    return hmac.new(secret.encode(), MESSAGE, hashlib.sha256).digest()


async def prove(keys: ApiKeys, key_id: str, signature: bytes) -> KeyPrincipal | KeyRefused:
    return await keys.verify(key_id, message=MESSAGE, signature=signature, client_ip=None)


async def test_what_is_stored_gives_no_key(world: World) -> None:
    """No secret in the row, none in any repr or record; with other sealing keys the row opens nothing."""
    keys = process(world)
    new = await made(keys)
    assert new.secret is not None
    assert len(new.secret) == 64
    row = world.api_keys.keys[0]
    stored = repr(msgspec.structs.asdict(row)).encode() + (row.sealed_secret or b"")
    for each in (bytes.fromhex(new.secret), new.secret.encode()):
        assert each not in stored
    for shown in (repr(new), repr(new.key), repr(world.trail.acts), repr(keys)):
        assert new.secret not in shown
        assert repr(row.sealed_secret) not in shown
    assert isinstance(await prove(keys, row.key_id, mac(new.secret)), KeyPrincipal)
    thief = process(world, MemoryKeyStore())
    assert await prove(thief, row.key_id, mac(new.secret)) == KeyRefused("bad_signature")


async def test_a_row_s_secret_opens_in_no_other_row(world: World) -> None:
    """Who can write the database cannot give a key another's secret."""
    keys = process(world)
    ann, other = await made(keys), await made(keys)
    moved = msgspec.structs.replace(other.key, sealed_secret=ann.key.sealed_secret)
    world.api_keys.keys[1] = moved
    fresh = process(world)
    assert await prove(fresh, other.key.key_id, mac(ann.secret)) == KeyRefused("bad_signature")
    for cut in (b"", b"\0" * 7, (other.key.sealed_secret or b"")[:-1]):
        world.api_keys.keys[1] = msgspec.structs.replace(other.key, sealed_secret=cut)
        fresh = process(world)
        refused = await prove(fresh, other.key.key_id, mac(other.secret))
        assert refused == KeyRefused("bad_signature")


async def test_processes_that_share_the_sealing_keys_share_the_secrets(world: World) -> None:
    """Made here, good there."""
    new = await made(process(world))
    assert isinstance(await prove(process(world), new.key.key_id, mac(new.secret)), KeyPrincipal)


async def test_without_sealing_keys_there_is_no_hmac(world: World) -> None:
    """Such a process makes none and lets none in; Ed25519 is as before."""
    new = await made(process(world))
    without = ApiKeys(world.api_keys, world.bus, world.clock)
    assert await prove(without, new.key.key_id, mac(new.secret)) == KeyRefused("bad_signature")
    with pytest.raises(Unavailable):
        await made(without)


async def test_the_kind_and_its_public_key_go_together(world: World) -> None:
    """HMAC takes none, Ed25519 needs one, other kinds are unknown."""
    keys = process(world)
    for changes, field in (
        ({"public_key": "ab" * 32}, "public_key"),
        ({"kind": "ed25519"}, "public_key"),
        ({"kind": "rsa"}, "kind"),
    ):
        with pytest.raises(InvalidField) as raised:
            await made(keys, **changes)
        assert raised.value.field == field
    assert world.api_keys.keys == []


async def test_a_rotation_is_known_to_all_within_its_overlap(world: World) -> None:
    """Elsewhere the new secret is good at once, the old one until the overlap ends, and nowhere after that.

    A process that knew the key from before the rotation, and hears nothing of it, is the one that counts.
    """
    here, there = process(world), process(world)
    old = await made(here)
    key_id = old.key.key_id
    assert isinstance(await prove(there, key_id, mac(old.secret)), KeyPrincipal)
    world.clock.time_ms += 1_000
    new = await here.rotate(ANN, key_id, None, MIN_OVERLAP_MS)
    assert new is not None
    assert new.key.old_until == world.clock.now_ms() + MIN_OVERLAP_MS
    for keys in (here, there):
        for each in (old, new):
            assert isinstance(await prove(keys, key_id, mac(each.secret)), KeyPrincipal)
    world.clock.time_ms += MIN_OVERLAP_MS
    for keys in (here, there):
        assert await prove(keys, key_id, mac(old.secret)) == KeyRefused("bad_signature")
        assert isinstance(await prove(keys, key_id, mac(new.secret)), KeyPrincipal)


async def test_what_was_known_before_a_rotation_is_forgotten_within_the_overlap(
    world: World,
) -> None:
    """Nobody signs with the new secret there: still the old one is dead when the overlap ends."""
    here, there = process(world), process(world)
    old = await made(here)
    await prove(there, old.key.key_id, mac(old.secret))
    await here.rotate(ANN, old.key.key_id, None, MIN_OVERLAP_MS)
    world.clock.time_ms += MIN_OVERLAP_MS
    assert await prove(there, old.key.key_id, mac(old.secret)) == KeyRefused("bad_signature")
    assert MIN_OVERLAP_MS >= KNOWN_MS, "or a process could know the key from before for longer"


async def test_a_rotation_is_refused_when_it_cannot_be(world: World) -> None:
    """One at a time; none of a revoked key, of somebody else's, or with another overlap."""
    keys = process(world)
    key_id = (await made(keys)).key.key_id
    for overlap_ms in (0, MIN_OVERLAP_MS - 1, MAX_OVERLAP_MS + 1):
        with pytest.raises(InvalidField):
            await keys.rotate(ANN, key_id, None, overlap_ms)
    with pytest.raises(InvalidField):
        await keys.rotate(ANN, key_id, "ab" * 32)
    assert await keys.rotate(BOB, key_id, None) is None
    assert await keys.rotate(ANN, "f" * 32, None) is None
    assert await keys.rotate(ANN, "x", None) is None
    assert await keys.rotate(ANN, key_id, None) is not None
    with pytest.raises(RotationRuns):
        await keys.rotate(ANN, key_id, None)
    await keys.revoke(ANN, key_id)
    with pytest.raises(KeyOver):
        await keys.rotate(ANN, key_id, None)


async def test_a_revoked_key_takes_its_old_secret_with_it(world: World) -> None:
    """Both are dead at once, overlap or not."""
    keys = process(world)
    old = await made(keys)
    new = await keys.rotate(ANN, old.key.key_id, None)
    assert new is not None
    await keys.revoke(ANN, old.key.key_id)
    for each in (old, new):
        assert await prove(keys, old.key.key_id, mac(each.secret)) == KeyRefused("revoked")


async def test_making_rotating_and_revoking_are_on_record(world: World) -> None:
    """Who, what, with which scopes; a refused record stops the act; a second revocation is none."""
    keys = process(world)
    key = (await made(keys, ip_allowlist=["10.0.0.0/8"])).key
    await keys.rotate(ANN, key.key_id, None)
    await keys.revoke(BOB, key.key_id)
    for _ in range(2):
        await keys.revoke(ANN, key.key_id)
    assert world.trail.names() == ["api_key.make", "api_key.rotate", "api_key.revoke"]
    assert {act.object for act in world.trail.acts} == {f"api_key:{key.key_id}"}
    assert {act.actor for act in world.trail.acts} == {"user:1"}
    assert world.trail.acts[0].after["scopes"] == ["trade"]
    world.trail.fails = Unavailable("no audit")
    with pytest.raises(Unavailable):
        await made(keys)
    assert len(world.api_keys.keys) == 1
