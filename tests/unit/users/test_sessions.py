"""Sessions end when they are idle, at their longest time, and with their account; their last use is noted."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from cse.core.errors import Unavailable
from cse.messages.wire import AccountStatus
from cse.users.account_endings import AccountEndings
from cse.users.devices import Device, printable
from cse.users.errors import AccountNotOpen, InvalidToken, WrongCredentials
from cse.users.model import RefreshToken, Session, Use
from cse.users.password_change import ChangedBy
from cse.users.session_uses import SessionUses
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, START_MS, World
from tests.waiting import wait_until_async

HOUR_MS = 3_600_000
NEW = "another horse, another battery"


@pytest.fixture
def world() -> World:
    return World()


def code_of(error: pytest.ExceptionInfo[InvalidToken]) -> str:
    return error.value.code


async def test_idle_and_absolute_ends_are_told_apart(world: World) -> None:
    """Used or not: a refresh past the one is `refresh_token_expired`, past the other `session_expired`."""
    service = await world.service(refresh_ms=HOUR_MS, session_ms=3 * HOUR_MS)
    await service.register(EMAIL, PASSWORD, HANDLE)
    idle, used = await service.login(EMAIL, PASSWORD), await service.login(EMAIL, PASSWORD)
    for _ in range(3):
        world.clock.time_ms += HOUR_MS - 1
        used = await service.refresh(used.refresh_token)
    with pytest.raises(InvalidToken) as refused:
        await service.refresh(idle.refresh_token)
    assert code_of(refused) == "refresh_token_expired"
    world.clock.time_ms = START_MS + 3 * HOUR_MS
    for pair in (idle, used):
        with pytest.raises(InvalidToken) as refused:
            await service.refresh(pair.refresh_token)
    assert code_of(refused) == "session_expired"


async def test_no_access_token_outlives_its_session(world: World) -> None:
    """The last one is good, and says it is, for just the time that is left."""
    service, tokens, _, _ = world.assemble(refresh_ms=HOUR_MS, session_ms=HOUR_MS)
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    pair = await service.login(EMAIL, PASSWORD)
    world.clock.time_ms += HOUR_MS - 60_000
    last = await service.refresh(pair.refresh_token)
    assert last.expires_in == 60
    assert tokens.verify(last.access_token).expires_at == START_MS + HOUR_MS
    world.clock.time_ms = START_MS + HOUR_MS
    with pytest.raises(InvalidToken) as refused:
        tokens.verify(last.access_token)
    assert code_of(refused) == "token_expired"


async def test_a_frozen_account_loses_its_sessions(world: World) -> None:
    """In SQL and in every process, by `run`, without anybody asking; it is recorded once."""
    here, there = world.assemble(), world.assemble()
    await here.service.start(0)
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    pair = await here.service.login(EMAIL, PASSWORD)
    session_id = here.tokens.verify(pair.access_token).session_id
    tasks = [asyncio.create_task(each.service.run()) for each in (here, there)]
    for each in (here, there):
        each.service.account_endings.note([1_000])
    await wait_until_async(
        lambda: session_id in here.revocations and session_id in there.revocations
    )
    with pytest.raises(InvalidToken) as refused:
        await here.service.refresh(pair.refresh_token)
    assert code_of(refused) == "session_revoked"
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    ended = [act for act in world.trail.acts if act.reason == "account_not_open"]
    assert [(act.actor, act.object) for act in ended] == [("system", "account:1000")]


async def test_whoever_is_frozen_while_logging_in_is_out(world: World) -> None:
    """The status changes between the check and the moment when the session is stored: it ends all the same."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    store = world.sessions.add_session

    async def frozen_meanwhile(session: Session, token: RefreshToken) -> None:
        await store(session, token)
        world.statuses[1_000] = AccountStatus.FROZEN

    world.sessions.add_session = frozen_meanwhile  # type: ignore[method-assign]  # a test's own
    with pytest.raises(AccountNotOpen):
        await service.login(EMAIL, PASSWORD)
    assert world.sessions.revoked.keys() == world.sessions.sessions.keys() != set()


async def test_endings_wait_for_a_database_that_is_away(world: World) -> None:
    """What could not be ended, or not be recorded, stays and is done the next time."""
    service, _, revocations, _ = world.assemble()
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.login(EMAIL, PASSWORD)
    endings = AccountEndings(world.sessions, revocations, world.trail, world.clock)
    endings.note([1_000])
    revoke = world.sessions.revoke_accounts

    async def away(account_ids: Sequence[int], at_ms: int) -> Sequence[str]:
        raise Unavailable("away")

    world.sessions.revoke_accounts = away  # type: ignore[method-assign]  # a test's own
    with pytest.raises(Unavailable):
        await endings.end_waiting()
    world.sessions.revoke_accounts = revoke  # type: ignore[method-assign]  # as it was
    world.trail.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await endings.end_waiting()
    assert len(world.sessions.revoked) == 1
    world.trail.fails = None
    assert await endings.end_waiting() == 0
    assert world.trail.acts[-1].reason == "account_not_open"


async def test_a_log_in_with_the_old_password_does_not_survive_its_change(world: World) -> None:
    """The password changes after it was checked and before the session is there: the log-in fails."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    store = world.sessions.add_session

    async def changed_meanwhile(session: Session, token: RefreshToken) -> None:
        await service.password_change.change(ChangedBy(1, ""), PASSWORD, NEW)
        await store(session, token)

    world.sessions.add_session = changed_meanwhile  # type: ignore[method-assign]  # a test's own
    with pytest.raises(WrongCredentials):
        await service.login(EMAIL, PASSWORD)
    assert world.sessions.revoked.keys() == world.sessions.sessions.keys() != set()


async def test_a_last_use_is_written_once_a_minute(world: World) -> None:
    """Uses between two writings cost no database; what cannot be written waits, newer uses win."""
    uses, written = SessionUses(world.sessions, world.clock), []

    async def spy(marked: dict[str, Use]) -> None:
        if world.trail.fails:
            raise world.trail.fails
        written.append(marked)

    world.sessions.mark_used = spy  # type: ignore[assignment,method-assign]  # a test's own
    for name in ("a", "b"):
        assert name not in uses
        uses.note(name, "203.0.113.7")
        assert name in uses
    world.trail.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await uses.write()
    world.clock.time_ms += 1
    uses.note("a", "")
    world.trail.fails = None
    await uses.write()
    await uses.write()
    assert written == [{"a": Use(START_MS + 1, ""), "b": Use(START_MS, "203.0.113.7")}]


async def test_every_log_in_and_log_out_is_recorded(world: World) -> None:
    """With its session as the object and the person as the actor; a trail that is away lets nobody in."""
    service = await world.service()
    await service.register(EMAIL, PASSWORD, HANDLE)
    pair = await service.login(EMAIL, PASSWORD, device=Device("203.0.113.7", "Browser"))
    await service.logout_by_refresh_token(pair.refresh_token)
    (session_id,) = world.sessions.sessions
    made, ended = world.trail.acts[-2:]
    assert (made.act.value, made.actor, made.object) == (
        "session.log_in",
        "user:1",
        f"session:{session_id}",
    )
    assert (ended.act.value, ended.actor, ended.object) == (
        "session.log_out",
        "user:1",
        f"session:{session_id}",
    )
    world.trail.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await service.login(EMAIL, PASSWORD)
    assert len(world.sessions.sessions) == 1


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (None, ""),
        (b"", ""),
        (b"Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
        (b"a\r\nSet-Cookie: x\0\x1b[31m", "a  Set-Cookie: x  [31m"),
        ("a\u202eb\u200bc".encode(), "a b c"),
        (b"caf\xe9", "caf\u00e9"),
        (b"x" * 100_000, "x" * 256),
        ("\u2714".encode() * 1_000, "\u2714" * 256),
        (b" " * 10, ""),
    ],
    ids=range(9),
)
def test_a_user_agent_is_bounded_and_printable(raw: bytes | None, shown: str) -> None:
    """No line breaks, no terminal escapes, nothing that turns the direction of writing."""
    assert printable(raw) == shown
