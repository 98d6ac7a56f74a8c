"""A program that signs is let in as its owner wanted it; every other one is refused, and all of those alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from cse.core.errors import Unavailable
from cse.users.api_keys import CHANNEL, USE_NOTED_MS, ApiKeys
from cse.users.errors import InvalidField, KeyKnown, TooManyKeys
from cse.users.key_requests import KeyRequest
from cse.users.model import ApiKey, KeyPrincipal, KeyRefused, NewUser
from cse.users.ports import KeyBounds
from tests.unit.users.people import START_MS, World
from tests.unit.users.test_revocations import DeadBus
from tests.waiting import wait_until_async

ANN, BOB = 1, 2
MESSAGE = b"challenge"


class Program:
    """Somebody's program with its key pair."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public_key = self.private.public_key().public_bytes_raw().hex()

    def request(self, **changes: Any) -> KeyRequest:
        return KeyRequest(
            **{"name": "maker", "public_key": self.public_key, "scopes": ["trade"], **changes}
        )

    async def prove(
        self, keys: ApiKeys, key_id: str, client_ip: str | None = "203.0.113.7"
    ) -> KeyPrincipal | KeyRefused:
        return await keys.verify(
            key_id, message=MESSAGE, signature=self.private.sign(MESSAGE), client_ip=client_ip
        )


@pytest.fixture
async def world() -> World:
    """Ann and Bob are registered."""
    made = World()
    for name in ("ann", "bob"):
        await made.users.add_user(NewUser(f"{name}@example.com", name, name, "$2b$", 0, START_MS))
    return made


@pytest.fixture
def keys(world: World) -> ApiKeys:
    return ApiKeys(world.api_keys, world.bus, world.clock)


@pytest.fixture
def program() -> Program:
    return Program()


@asynccontextmanager
async def running(keys: ApiKeys) -> AsyncIterator[None]:
    task = asyncio.create_task(keys.run())
    try:
        yield
        assert not task.done(), "it must go on"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def made(keys: ApiKeys, program: Program, **changes: Any) -> ApiKey:
    return (await keys.create(ANN, program.request(**changes))).key


async def test_who_signs_is_let_in(keys: ApiKeys, program: Program) -> None:
    """As the key's owner, with the key's scopes and nothing more."""
    key = await made(keys, program, expires_at=START_MS + 60_000)
    assert await program.prove(keys, key.key_id) == KeyPrincipal(
        key.key_id, ANN, 1_000, frozenset({"trade"}), START_MS + 60_000
    )


async def test_what_is_not_accepted_stores_nothing(world: World, keys: ApiKeys) -> None:
    """Checked before anything is written; a second key of the same pair is refused by the store."""
    program = Program()
    with pytest.raises(InvalidField):
        await made(keys, program, scopes=["admin"])
    assert world.api_keys.keys == []
    await made(keys, program)
    with pytest.raises(KeyKnown):
        await made(keys, program)


async def test_the_bound_is_the_service_s(world: World) -> None:
    """What it was built with is what the store enforces."""
    keys = ApiKeys(world.api_keys, world.bus, world.clock, bounds=KeyBounds(1, 9))
    await made(keys, Program())
    with pytest.raises(TooManyKeys):
        await made(keys, Program())


async def test_every_refusal_is_told_alike(world: World, keys: ApiKeys, program: Program) -> None:
    """Only our log knows why: nobody finds out whether a key exists, or what its allowlist is."""
    key = await made(keys, program, ip_allowlist=["203.0.113.0/24"], expires_at=START_MS + 10)
    stranger = Program()
    with capture_logs() as logs:
        answers = [
            await program.prove(keys, "f" * 32),
            await program.prove(keys, "\n" * 1_000),
            await stranger.prove(keys, key.key_id),
            await program.prove(keys, key.key_id, "198.51.100.1"),
            await program.prove(keys, key.key_id, None),
        ]
        world.clock.time_ms += 10
        answers.append(await program.prove(keys, key.key_id))
        await keys.revoke(ANN, key.key_id)
        answers.append(await program.prove(keys, key.key_id))
        answers.append(await stranger.prove(keys, key.key_id))
    expected = ["unknown", "unknown", "bad_signature", "address", "address", "expired", "revoked"]
    expected.append("bad_signature")
    assert answers == [KeyRefused(reason) for reason in expected]
    assert [line["reason"] for line in logs] == expected
    assert {line["key_id"] for line in logs} == {key.key_id, "f" * 32, "malformed"}
    assert KeyRefused.MESSAGE


async def test_a_signature_is_of_the_whole_message_and_of_this_key(
    keys: ApiKeys, program: Program
) -> None:
    """Another message, another key's signature, a short one, none."""
    key = await made(keys, program)
    good = program.private.sign(MESSAGE)
    for message, signature in (
        (MESSAGE + b"\0", good),
        (b"", good),
        (MESSAGE, good[:-1]),
        (MESSAGE, b""),
        (MESSAGE, bytes(64)),
        (MESSAGE, Program().private.sign(MESSAGE)),
    ):
        answer = await keys.verify(key.key_id, message=message, signature=signature, client_ip=None)
        assert answer == KeyRefused("bad_signature")


async def test_an_unknown_key_costs_a_signature_check_too(
    keys: ApiKeys, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long a refusal takes does not tell whether the key exists."""
    checked: list[bytes] = []
    monkeypatch.setattr(
        "cse.users.key_proofs.is_signed", lambda key, *_: bool(checked.append(key)) or True
    )
    assert await program.prove(keys, "f" * 32) == KeyRefused("unknown")
    assert len(checked) == 1


async def test_a_key_of_another_kind_is_not_taken_for_a_public_key(
    world: World, keys: ApiKeys, program: Program
) -> None:
    """Newer software may store kinds that this one does not know."""
    key = await made(keys, program)
    world.api_keys.keys = [
        type(key)(**{f: getattr(key, f) for f in key.__struct_fields__} | {"kind": "hmac"})
    ]
    assert await program.prove(keys, key.key_id) == KeyRefused("unknown")


async def test_a_revoked_key_is_refused_at_once_and_its_sessions_are_told(
    keys: ApiKeys, program: Program
) -> None:
    """When `revoke` returns it is over, although it was remembered; watchers hear it once."""
    key = await made(keys, program)
    ended: list[str] = []
    leave = keys.watch(ended.append)
    await program.prove(keys, key.key_id)
    assert not keys.is_revoked(key.key_id)
    revoked = await keys.revoke(ANN, key.key_id)
    assert revoked is not None
    assert revoked.revoked_at == START_MS
    assert keys.is_revoked(key.key_id)
    assert await program.prove(keys, key.key_id) == KeyRefused("revoked")
    assert await keys.revoke(ANN, key.key_id) == revoked
    assert ended == [key.key_id]
    leave()
    leave()
    other = await made(keys, Program())
    await keys.revoke(ANN, other.key_id)
    assert ended == [key.key_id]


async def test_a_watcher_that_fails_keeps_the_end_from_nobody(
    keys: ApiKeys, program: Program
) -> None:
    """The revocation succeeds, the others hear of it, and the failure is told."""
    key = await made(keys, program)
    ended: list[str] = []
    keys.watch(lambda _: ended.remove("nothing"))
    keys.watch(ended.append)
    with capture_logs() as logs:
        await keys.revoke(ANN, key.key_id)
    assert ended == [key.key_id]
    assert [line["event"] for line in logs] == ["ending_watcher_failed"]


async def test_nobody_revokes_another_one_s_key(keys: ApiKeys, program: Program) -> None:
    """Not even by knowing its id; nobody is told anything."""
    key = await made(keys, program)
    ended: list[str] = []
    keys.watch(ended.append)
    assert await keys.revoke(BOB, key.key_id) is None
    assert await keys.revoke(ANN, "f" * 32) is None
    assert ended == []
    assert isinstance(await program.prove(keys, key.key_id), KeyPrincipal)


async def test_other_processes_hear_of_it_over_the_bus(
    world: World, keys: ApiKeys, program: Program
) -> None:
    """Their watchers are called, and they refuse the key that they had remembered."""
    there = ApiKeys(world.api_keys, world.bus, world.clock)
    ended: list[str] = []
    there.watch(ended.append)
    key = await made(keys, program)
    assert isinstance(await program.prove(there, key.key_id), KeyPrincipal)
    async with running(there):
        await wait_until_async(lambda: CHANNEL in world.bus.channels)
        await keys.revoke(ANN, key.key_id)
        await wait_until_async(lambda: ended == [key.key_id])
    assert await program.prove(there, key.key_id) == KeyRefused("revoked")


async def test_without_the_bus_the_database_tells_them(world: World, program: Program) -> None:
    """A dead bus fails no revocation, and the poll finds it."""
    here, there = (ApiKeys(world.api_keys, DeadBus(), world.clock) for _ in range(2))
    key = await made(here, program)
    assert isinstance(await program.prove(there, key.key_id), KeyPrincipal)
    async with running(there):
        await here.revoke(ANN, key.key_id)
        await wait_until_async(lambda: there.is_revoked(key.key_id))
    assert await program.prove(there, key.key_id) == KeyRefused("revoked")


async def test_a_revocation_between_look_up_and_answer_counts(
    world: World, keys: ApiKeys, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row was read before, the signature is checked after: the key is refused, then and later."""
    key = await made(keys, program)
    read = world.api_keys.key

    async def read_and_revoke(key_id: str) -> ApiKey | None:
        found = await read(key_id)
        monkeypatch.undo()
        await keys.revoke(ANN, key_id)
        return found

    monkeypatch.setattr(world.api_keys, "key", read_and_revoke)
    assert await program.prove(keys, key.key_id) == KeyRefused("revoked")
    assert await program.prove(keys, key.key_id) == KeyRefused("revoked")


async def test_a_database_that_is_away_refuses_nobody_for_good(
    world: World, keys: ApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys in use go on; others hear that it is not possible now, not that their key is bad."""
    used, unused = Program(), Program()
    key, other = await made(keys, used), await made(keys, unused)
    await used.prove(keys, key.key_id)

    async def away(*_: object) -> None:
        raise Unavailable("no database")

    for method in ("key", "revoke_key"):
        monkeypatch.setattr(world.api_keys, method, away)
    assert isinstance(await used.prove(keys, key.key_id), KeyPrincipal)
    with pytest.raises(Unavailable):
        await unused.prove(keys, other.key_id)
    with pytest.raises(Unavailable):
        await keys.revoke(ANN, key.key_id)
    assert isinstance(await used.prove(keys, key.key_id), KeyPrincipal)


async def test_uses_are_noted_once_a_minute(world: World, keys: ApiKeys, program: Program) -> None:
    """Refused attempts are no uses; what could not be written is written the next time."""
    key = await made(keys, program)
    marked: list[dict[str, int]] = []
    mark = world.api_keys.mark_used
    failing = True

    async def mark_used(used: dict[str, int]) -> None:
        if failing:
            raise Unavailable("no database")
        marked.append(used)
        await mark(used)

    world.api_keys.mark_used = mark_used  # type: ignore[method-assign]  # to see what is written
    await Program().prove(keys, key.key_id)
    await keys.write_uses()
    await program.prove(keys, key.key_id)
    with pytest.raises(Unavailable):
        await keys.write_uses()
    failing = False
    for later_ms in (0, USE_NOTED_MS - 1, 1, 5):
        world.clock.time_ms += later_ms
        await program.prove(keys, key.key_id)
        await keys.write_uses()
    assert marked == [{key.key_id: START_MS}, {key.key_id: START_MS + USE_NOTED_MS}]
    listed = await keys.keys_of(ANN, before=None, limit=9)
    assert listed[0].last_used_at == START_MS + USE_NOTED_MS


async def test_the_user_service_keeps_it_running(world: World) -> None:
    """It reads revocations at its start, hears of later ones, and writes uses down by itself."""
    service = await world.service()
    program = Program()
    key = (await service.api_keys.create(ANN, program.request())).key
    elsewhere = ApiKeys(world.api_keys, world.bus, world.clock)
    task = asyncio.create_task(service.run())
    await wait_until_async(lambda: CHANNEL in world.bus.channels)
    await elsewhere.revoke(ANN, key.key_id)
    await wait_until_async(lambda: service.api_keys.is_revoked(key.key_id))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    again = await world.service()
    assert again.api_keys.is_revoked(key.key_id)


async def test_uses_are_written_by_themselves(
    world: World, keys: ApiKeys, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage of the database ends nothing: the next round writes what this one could not."""
    monkeypatch.setattr("cse.users.api_keys._WRITE_USES_MS", 1)
    key = await made(keys, program)
    await program.prove(keys, key.key_id)
    mark = world.api_keys.mark_used
    failures = iter([True, True, False])

    async def mark_used(used: dict[str, int]) -> None:
        if next(failures, False):
            raise Unavailable("no database")
        await mark(used)

    world.api_keys.mark_used = mark_used  # type: ignore[method-assign]  # fails twice
    async with running(keys):
        await wait_until_async(lambda: world.api_keys.keys[0].last_used_at == START_MS)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    key_id=st.text(max_size=40) | st.just("the key's"),
    message=st.binary(max_size=100),
    signature=st.binary(min_size=64, max_size=64) | st.binary(max_size=100),
    client_ip=st.none() | st.text(max_size=50) | st.ip_addresses().map(str),
)
async def test_whatever_strangers_send_is_refused(
    key_id: str, message: bytes, signature: bytes, client_ip: str | None
) -> None:
    """As data: nothing is raised, nobody is let in."""
    world = World()
    await world.users.add_user(NewUser("ann@example.com", "ann", "ann", "$2b$", 0, START_MS))
    keys = ApiKeys(world.api_keys, world.bus, world.clock)
    key = await made(keys, Program(), ip_allowlist=["203.0.113.0/24"])
    named = key.key_id if key_id == "the key's" else key_id
    answer = await keys.verify(named, message=message, signature=signature, client_ip=client_ip)
    assert isinstance(answer, KeyRefused)
