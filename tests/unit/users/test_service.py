"""Register, log in, refresh, log out: whole flows on a real engine, with everything that can go wrong."""

import asyncio
import threading
from contextlib import suppress

import bcrypt
import msgspec
import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import OpenAccount
from cse.users.errors import (
    EmailTaken,
    HandleTaken,
    InvalidField,
    InvalidToken,
    Overloaded,
    TooManyAttempts,
    WrongCredentials,
)
from cse.users.model import User
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, World
from tests.waiting import wait_until_async


@pytest.fixture
def world() -> World:
    return World()


async def test_a_registered_person_logs_in_and_is_who_they_are(world: World) -> None:
    """Registration opens the account; the access token names user, account and session."""
    service, tokens, _, _ = world.assemble()
    await service.start(0)
    user = await service.register("Ada@Example.com", PASSWORD, HANDLE)
    assert user == User(1, EMAIL, HANDLE, 1_000, world.clock.time_ms)
    assert world.queue.opened == [1_000]
    pair = await service.login("ADA@example.com", PASSWORD)
    claims = tokens.verify(pair.access_token)
    assert (claims.user_id, claims.account_id) == (1, 1_000)
    assert claims.session_id in world.sessions.sessions
    assert pair.expires_in == 900
    assert PASSWORD not in repr(pair) + repr(world.users.users)


async def test_of_many_registrations_of_one_address_one_succeeds(world: World) -> None:
    """A hundred at once: one user, one account, ninety-nine conflicts."""
    service = await world.service(passwords_waiting=200)
    tried = [service.register(EMAIL, PASSWORD, f"ada{number}") for number in range(100)]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert sum(isinstance(answer, EmailTaken) for answer in answers) == 99
    assert len(world.users.users) == 1
    assert world.queue.opened == [1_000]


async def test_an_address_and_a_handle_are_taken_whatever_their_case(world: World) -> None:
    """Each refusal says which of the two it is."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    with pytest.raises(EmailTaken):
        await service.register("ADA@EXAMPLE.COM", PASSWORD, "eve")
    with pytest.raises(HandleTaken):
        await service.register("eve@example.com", PASSWORD, HANDLE.upper())
    assert len(world.users.users) == 1


@pytest.mark.parametrize(
    ("email", "password", "handle", "field"),
    [
        ("\u0430da@example.com", PASSWORD, HANDLE, "email"),
        ("ada@example.com\0", PASSWORD, HANDLE, "email"),
        ("'; drop table users; --", PASSWORD, HANDLE, "email"),
        ("a" * 10_000_000, PASSWORD, HANDLE, "email"),
        (EMAIL, "short", HANDLE, "password"),
        (EMAIL, "x" * 10_000_000, HANDLE, "password"),
        (EMAIL, "\ud800" * 10, HANDLE, "password"),
        (EMAIL, PASSWORD, "ad\u200ba", "handle"),
        (EMAIL, PASSWORD, "a" * 10_000_000, "handle"),
        (EMAIL, PASSWORD, "admin", "handle"),
    ],
    ids=range(10),
)
async def test_hostile_registrations_change_nothing(
    world: World, email: str, password: str, handle: str, field: str
) -> None:
    """Tricks, control bytes, SQL and huge texts are refused by the name of the field."""
    service = await world.service()
    with pytest.raises(InvalidField) as refused:
        await service.register(email, password, handle)
    assert refused.value.field == field
    assert world.users.users == []
    assert world.queue.opened == []


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong horse battery"),
        (EMAIL, ""),
        (EMAIL, "x" * 1_000_000),
        (EMAIL, "\ud800"),
        ("bob@example.com", PASSWORD),
        ("", PASSWORD),
        ("not an address", PASSWORD),
        ("' or '1'='1", "' or '1'='1"),
        ("ada@example.com\0", PASSWORD),
    ],
    ids=range(9),
)
async def test_every_wrong_log_in_gets_the_same_answer(
    world: World, email: str, password: str
) -> None:
    """Unknown address, wrong password or nonsense: one refusal, and no session."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    with pytest.raises(WrongCredentials):
        await service.login(email, password)
    assert world.sessions.sessions == {}


async def test_guessing_is_stopped_even_with_the_right_password_at_last(world: World) -> None:
    """After twenty wrong ones from a network the right one is not checked either; elsewhere it is."""
    service = await world.service(passwords_waiting=200)
    await service.register(EMAIL, PASSWORD, HANDLE)
    for _ in range(20):
        with pytest.raises(WrongCredentials):
            await service.login(EMAIL, "wrong horse battery", "203.0.113.7")
    with pytest.raises(TooManyAttempts):
        await service.login(EMAIL, PASSWORD, "203.0.113.7")
    assert await service.login(EMAIL, PASSWORD, "198.51.100.1")


async def test_guesses_at_once_count_each(world: World) -> None:
    """Fifty in parallel get no more than twenty checks."""
    service = await world.service(passwords_waiting=200)
    await service.register(EMAIL, PASSWORD, HANDLE)
    tried = [service.login(EMAIL, "wrong horse battery", "n") for _ in range(50)]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 20
    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 30


async def test_a_flood_of_log_ins_is_refused_not_queued(
    world: World, slow_bcrypt: threading.Event
) -> None:
    """More than the pool and its queue hold: told at once to come back."""
    service = await world.service(password_threads=1, passwords_waiting=1)
    tasks = [
        asyncio.create_task(service.login(f"user{number}@example.com", PASSWORD))
        for number in range(20)
    ]
    await wait_until_async(lambda: sum(task.done() for task in tasks) == 18)
    slow_bcrypt.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 18
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 2


async def test_a_hash_grows_with_the_cost(world: World) -> None:
    """After the cost was raised the next log-in stores a stronger hash; the password is the same."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    stronger = await world.service(bcrypt_cost=5)
    await stronger.login(EMAIL, PASSWORD)
    assert world.users.users[0][1].password_hash.startswith("$2h$05$")
    await stronger.login(EMAIL, PASSWORD)
    with pytest.raises(WrongCredentials):
        await stronger.login(EMAIL, "wrong horse battery")


async def test_a_hash_of_an_earlier_version_is_made_anew(world: World) -> None:
    """At the next log-in, whose password it is good for; nobody notices."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user, new = world.users.users[0]
    world.users.users[0] = (user, msgspec.structs.replace(new, password_hash=old))
    for _ in range(2):
        assert await service.login(EMAIL, PASSWORD)
        assert world.users.users[0][1].password_hash.startswith("$2h$04$")


async def test_a_refresh_gives_the_next_pair_of_the_same_session(world: World) -> None:
    """Session and account stay; the tokens are new."""
    service, tokens, _, _ = world.assemble()
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    first = await service.login(EMAIL, PASSWORD)
    world.clock.time_ms += 600_000
    second = await service.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    before, after = tokens.verify(first.access_token), tokens.verify(second.access_token)
    assert after.session_id == before.session_id
    assert after.expires_at == before.expires_at + 600_000


async def test_a_refresh_token_used_twice_ends_the_session(world: World) -> None:
    """The thief and the victim are both out, with their access tokens; other sessions go on."""
    service, tokens, revocations, _ = world.assemble()
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    first, other = await service.login(EMAIL, PASSWORD), await service.login(EMAIL, PASSWORD)
    second = await service.refresh(first.refresh_token)
    with pytest.raises(InvalidToken) as refused:
        await service.refresh(first.refresh_token)
    assert refused.value.code == "refresh_token_reused"
    assert tokens.verify(second.access_token).session_id in revocations
    with pytest.raises(InvalidToken) as refused:
        await service.refresh(second.refresh_token)
    assert refused.value.code == "session_revoked"
    assert await service.refresh(other.refresh_token)


async def test_a_race_of_refreshes_has_one_winner_and_ends_the_session(world: World) -> None:
    """Twenty at once with one token."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    pair = await service.login(EMAIL, PASSWORD)
    tried = [service.refresh(pair.refresh_token) for _ in range(20)]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, InvalidToken)]
    assert len(codes) == 19
    assert codes.count("refresh_token_reused") == 1
    assert len(world.sessions.revoked) == 1


@pytest.mark.parametrize(
    "token", ["", "x", "\0", "\ud800", "' or 1=1", "x" * 10_000_000], ids=range(6)
)
async def test_a_made_up_refresh_token_is_nobodys(world: World, token: str) -> None:
    """Neither refresh nor log-out take it."""
    service = await world.service()
    for call in (service.refresh, service.logout_by_refresh_token):
        with pytest.raises(InvalidToken) as refused:
            await call(token)
        assert refused.value.code == "invalid_refresh_token"


async def test_a_session_runs_out_when_it_is_not_used(world: World) -> None:
    """Each refresh renews it; after the life of a refresh token without one it is over."""
    service = await world.service(refresh_ms=1_000_000)
    await service.register(EMAIL, PASSWORD, HANDLE)
    pair = await service.login(EMAIL, PASSWORD)
    for _ in range(3):
        world.clock.time_ms += 999_999
        pair = await service.refresh(pair.refresh_token)
    world.clock.time_ms += 1_000_000
    with pytest.raises(InvalidToken) as refused:
        await service.refresh(pair.refresh_token)
    assert refused.value.code == "refresh_token_expired"


async def test_a_log_out_ends_this_session_only(world: World) -> None:
    """By access token's session or by refresh token, once or twice."""
    service, tokens, revocations, _ = world.assemble()
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    pairs = [await service.login(EMAIL, PASSWORD) for _ in range(3)]
    ids = [tokens.verify(pair.access_token).session_id for pair in pairs]
    await service.logout(ids[0])
    await service.logout(ids[0])
    await service.logout_by_refresh_token(pairs[1].refresh_token)
    assert [session_id in revocations for session_id in ids] == [True, True, False]
    for pair in pairs[:2]:
        with pytest.raises(InvalidToken):
            await service.refresh(pair.refresh_token)
    assert await service.refresh(pairs[2].refresh_token)


@pytest.mark.parametrize("error", [Unavailable("read-only"), OutcomeUnknown("lost")], ids=str)
async def test_registration_survives_an_engine_that_is_away(
    world: World, error: Unavailable | OutcomeUnknown
) -> None:
    """The person is registered; the account is opened with the next log-in."""
    service = await world.service()
    world.queue.failure = error
    user = await service.register(EMAIL, PASSWORD, HANDLE)
    assert await service.login(EMAIL, PASSWORD)
    assert world.queue.opened == []
    world.queue.failure = None
    assert await service.login(EMAIL, PASSWORD)
    assert world.queue.opened == [user.account_id]


async def test_a_restart_sends_what_a_crash_left(world: World) -> None:
    """The process died between SQL and the engine, or between the engine and SQL."""
    service = await world.service()
    world.queue.lost = OutcomeUnknown("crash")
    await service.register(EMAIL, PASSWORD, HANDLE)
    world.queue.lost, world.queue.failure = None, OutcomeUnknown("crash")
    await service.register("bob@example.com", PASSWORD, "bob")
    world.queue.failure = None
    await world.service()
    assert world.queue.opened == [1_000, 1_001]
    assert world.users.done.keys() == {1_000, 1_001}


async def test_accounts_that_the_engine_has_are_not_given_out(world: World) -> None:
    """SQL was lost and begins anew: the first registration gets an id that nobody has."""
    for account_id in (1_000, 1_001, 1_002):
        await world.queue.submit(OpenAccount(account_id, 0))
    service, _, _, _ = world.assemble()
    await service.start(highest_account_id=1_002)
    assert (await service.register(EMAIL, PASSWORD, HANDLE)).account_id == 1_003


async def test_nobody_registers_before_the_start_succeeded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away at the start: registering is refused; `run` goes on trying and opens it."""
    service, _, _, _ = world.assemble()
    real = world.users.reserve_account_ids

    async def away(through: int) -> None:
        raise Unavailable("no database")

    monkeypatch.setattr(world.users, "reserve_account_ids", away)
    with pytest.raises(Unavailable):
        await service.start(1_234)
    with pytest.raises(Unavailable):
        await service.register(EMAIL, PASSWORD, HANDLE)
    monkeypatch.setattr(world.users, "reserve_account_ids", real)
    task = asyncio.create_task(service.run())
    await wait_until_async(lambda: world.users.next_account == 1_235)
    assert (await service.register(EMAIL, PASSWORD, HANDLE)).account_id == 1_235
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_run_repairs_and_clears_away_by_itself(world: World) -> None:
    """Outbox rows that waited are sent and sessions that ran out are gone, with nobody asking."""
    service = await world.service(refresh_ms=1_000)
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.login(EMAIL, PASSWORD)
    world.queue.failure = Unavailable("stopping")
    await service.register("bob@example.com", PASSWORD, "bob")
    world.queue.failure = None
    world.clock.time_ms += 8 * 86_400_000  # for a week one is told why
    task = asyncio.create_task(service.run())
    await wait_until_async(lambda: world.queue.opened == [1_000, 1_001])
    await wait_until_async(lambda: not world.sessions.sessions)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    service.close()
