"""The outbox of account openings: whatever is lost on the way, each user gets one account of their own."""

import asyncio

import pytest

from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.messages.commands import OpenAccount
from cse.users.accounts import RESEND_AFTER_MS, AccountOpener, OpeningRefused
from cse.users.model import NewUser, Opening
from tests.unit.users.people import START_MS, EngineQueue, FakeClock
from tests.unit.users.stores import MemoryUserStore


class Bench:
    def __init__(self) -> None:
        self.clock, self.store, self.queue = FakeClock(), MemoryUserStore(), EngineQueue()
        self.opener = AccountOpener(self.store, self.queue, self.clock)

    async def stored(self, name: str = "ada", fee_tier: int = 0) -> Opening:
        """A user and outbox row, as a registration leaves them before it sends."""
        user = await self.store.add_user(
            NewUser(f"{name}@example.com", name, name, "hash", fee_tier, self.clock.now_ms())
        )
        return self.store.openings[user.account_id]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_account_is_opened_and_its_row_done(bench: Bench) -> None:
    """The usual way."""
    assert await bench.opener.open_new(await bench.stored()) == 1_000
    assert bench.queue.opened == [1_000]
    assert 1_000 in bench.store.done


@pytest.mark.parametrize("error", [Unavailable("read-only"), OutcomeUnknown("connection lost")])
async def test_a_failure_leaves_the_row_for_later(bench: Bench, error: CseError) -> None:
    """Nothing is guessed: the row stays and is sent again."""
    bench.queue.failure = error
    with pytest.raises(type(error)):
        await bench.opener.open_new(await bench.stored())
    assert bench.store.done == {}
    bench.queue.failure = None
    assert await bench.opener.resend_outbox(everything=True) == 1
    assert bench.queue.opened == [1_000]


async def test_a_crash_after_the_engine_did_it_is_repaired(bench: Bench) -> None:
    """The answer was lost: sent again, the engine says the account exists, and the row is done."""
    opening = await bench.stored()
    bench.queue.lost = OutcomeUnknown("connection lost")
    with pytest.raises(OutcomeUnknown):
        await bench.opener.open_new(opening)
    bench.queue.lost = None
    assert await bench.opener.resend_outbox(everything=True) == 1
    assert bench.queue.opened == [1_000]
    assert 1_000 in bench.store.done


async def test_young_rows_are_left_to_their_registration(bench: Bench) -> None:
    """The periodic repair takes only rows that have waited; at the start it takes all."""
    await bench.stored()
    assert await bench.opener.resend_outbox() == 0
    bench.clock.time_ms += RESEND_AFTER_MS + 1
    assert await bench.opener.resend_outbox() == 1
    assert await bench.opener.resend_outbox() == 0


async def test_a_strangers_account_is_never_taken_over(bench: Bench) -> None:
    """The engine knows the id already (SQL was lost, the journal was not): the user gets another one."""
    await bench.queue.submit(OpenAccount(1_000, 0))
    await bench.queue.submit(OpenAccount(1_001, 0))
    assert await bench.opener.open_new(await bench.stored()) == 1_002
    known = await bench.store.credentials("ada@example.com")
    assert known is not None
    assert known.user.account_id == 1_002
    assert known.opening is None


async def test_many_strangers_accounts_stop_the_search(bench: Bench) -> None:
    """Something is badly wrong then: the row stays, and the operator is told."""
    for account_id in range(1_000, 1_010):
        await bench.queue.submit(OpenAccount(account_id, 0))
    with pytest.raises(OpeningRefused):
        await bench.opener.open_new(await bench.stored())
    assert bench.store.done == {}


async def test_a_row_that_was_sent_again_meanwhile_keeps_its_number(bench: Bench) -> None:
    """The repair was faster than a slow registration: the account in the engine is the user's own."""
    opening = await bench.stored()
    await bench.opener.open_again(opening)
    assert await bench.opener.open_new(opening) == 1_000
    assert bench.queue.opened == [1_000]


async def test_registration_and_repair_at_once_agree(bench: Bench) -> None:
    """In any order of the two, one account, and the user has it."""
    openings = [await bench.stored(f"user{number}") for number in range(20)]
    tasks = [
        work(item) for item in openings for work in (bench.opener.open_new, bench.opener.open_again)
    ]
    await asyncio.gather(*tasks)
    assert sorted(bench.queue.opened) == sorted(user.account_id for user, _ in bench.store.users)
    assert bench.store.done.keys() == {user.account_id for user, _ in bench.store.users}


async def test_a_refused_row_does_not_hold_up_the_others(bench: Bench) -> None:
    """A fee tier that does not exist: this row stays, the next one is opened."""
    await bench.stored("ada", fee_tier=99)
    await bench.stored("bob")
    assert await bench.opener.resend_outbox(everything=True) == 1
    assert bench.queue.opened == [1_001]
    assert bench.store.done == {1_001: START_MS}


async def test_an_engine_that_is_away_ends_the_round(bench: Bench) -> None:
    """One attempt, not one per waiting row."""
    for number in range(5):
        await bench.stored(f"user{number}")
    bench.queue.failure = Unavailable("stopping")
    assert await bench.opener.resend_outbox(everything=True) == 0
    assert bench.store.claimed == {1_000}
