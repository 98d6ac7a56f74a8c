"""Registration by a link over SQLite and PostgreSQL: good once, for a while, for who reads the mails; no floods."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from cse.adapters.sql.registrations import SqlRegistrationStore
from cse.core.errors import Unavailable
from cse.users.errors import (
    EmailTaken,
    HandleTaken,
    InvalidField,
    Overloaded,
    TooManyAttempts,
    WrongCredentials,
)
from cse.users.registration.model import (
    LIFE_MS,
    PER_WINDOW,
    WINDOW_MS,
    WrongLink,
    WrongPassword,
)
from cse.users.registration.registering import TRIES, TRIES_MS
from tests.contract.addresses import Town, token_in, town_of
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD

OTHER = "bob@example.com"


@pytest.fixture(params=["sqlite", "postgresql"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """Nobody is registered yet."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with town_of(url) as made:
        yield made


async def asked(town: Town, email: str = EMAIL, handle: str = HANDLE) -> str:
    """Register; the token that the letter has, empty if none came."""
    assert await town.registration.register(email, PASSWORD, handle) is None
    return "".join(await town.tokens())


async def test_a_link_makes_the_person_and_opens_their_account(town: Town) -> None:
    """Before it nobody can log in; after it they can, their address is proved and the engine has the account."""
    token = await asked(town)
    with pytest.raises(WrongCredentials):
        await town.people.service.login(EMAIL, PASSWORD)
    assert await town.rows_of("users") == 0
    proved = await town.registration.verify(token, PASSWORD)
    assert proved.is_new
    assert (proved.user.email, proved.user.handle) == (EMAIL, HANDLE)
    assert proved.user.verified_at == town.clock.time_ms
    assert town.queue.opened == [proved.user.account_id]
    await town.people.service.login(EMAIL, PASSWORD)
    assert await town.acts() == [
        "session.log_in_refused",
        "user.register",
        "user.verify_email",
        "session.log_in",
    ]


async def test_a_taken_address_gets_a_letter_and_nothing_else(town: Town) -> None:
    """Its owner is told; what is stored fits no token, and the password stays what it was."""
    await town.registration.verify(await asked(town), PASSWORD)
    assert await town.registration.register(EMAIL, "quite another password", "eve") is None
    (letter,) = await town.letters()
    assert letter.to == EMAIL
    assert "You have an account already" in letter.text
    assert token_in(letter) == ""
    assert await town.rows_of("users") == 1
    await town.people.service.login(EMAIL, PASSWORD)


async def test_both_kinds_store_one_row_and_one_letter(town: Town) -> None:
    """A known and an unknown address leave the same behind: one registration, one letter to nobody's account."""
    await town.registration.verify(await asked(town), PASSWORD)
    for email in (EMAIL, OTHER):
        before = await town.rows_of("registrations"), await town.rows_of("mail_outbox")
        assert await town.registration.register(email, PASSWORD, "eve") is None
        after = await town.rows_of("registrations"), await town.rows_of("mail_outbox")
        assert after == (before[0] + 1, before[1] + 1)
    async with town.engine.connect() as connection:
        owners = await connection.execute(text("SELECT user_id FROM mail_outbox"))
        assert {row[0] for row in owners} == {None}


async def test_token_reuse(town: Town) -> None:
    """A token is good once, also when two bring it at the same moment: one person, one account."""
    token = await asked(town)
    results = await asyncio.gather(
        town.registration.verify(token, PASSWORD),
        town.registration.verify(token, PASSWORD),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Proved", "WrongLink"]
    with pytest.raises(WrongLink):
        await town.registration.verify(token, PASSWORD)
    assert await town.rows_of("users") == 1
    assert len(town.queue.opened) == 1


async def test_expired_token(town: Town) -> None:
    """A token is good until its 24 hours are over, not a millisecond longer; then the row is cleared away."""
    token = await asked(town)
    town.clock.time_ms += LIFE_MS
    with pytest.raises(WrongLink):
        await town.registration.verify(token, PASSWORD)
    assert await town.rows_of("registrations") == 1
    town.registration.ask_again(EMAIL)
    await town.registration.work_off()
    assert await town.tokens() == []


async def test_guessing_at_the_password_of_a_registration(town: Town) -> None:
    """With the link in hand: ten tries, also of thirty at once; then the right one waits, too, and is good later."""
    token = await asked(town)
    guesses = [town.registration.verify(token, f"guess number {number}") for number in range(30)]
    results = await asyncio.gather(*guesses, return_exceptions=True)
    told = [type(result) for result in results]
    assert (told.count(WrongPassword), told.count(TooManyAttempts)) == (TRIES, 30 - TRIES)
    with pytest.raises(TooManyAttempts):
        await town.registration.verify(token, PASSWORD)
    assert await town.rows_of("users") == 0
    town.clock.time_ms += TRIES_MS
    assert (await town.registration.verify(token, PASSWORD)).is_new


async def test_what_ran_out_is_purged(town: Town) -> None:
    """Registrations and links that nobody used go; those that are good stay."""
    await asked(town)
    old = town.where(verify_first=False)
    await old.register(OTHER, PASSWORD, "bob")
    await town.letters()
    town.clock.time_ms += LIFE_MS
    token = await asked(town, "eve@example.com", "eve")
    assert await SqlRegistrationStore(town.engine).purge(town.clock.time_ms) == 2
    assert (await town.registration.verify(token, PASSWORD)).is_new


async def test_a_handle_that_was_taken_meanwhile(town: Town) -> None:
    """409 and not the end: the same token with another handle makes the person."""
    token = await asked(town)
    await town.registration.verify(await asked(town, OTHER, HANDLE.upper()), PASSWORD)
    with pytest.raises(HandleTaken):
        await town.registration.verify(token, PASSWORD)
    with pytest.raises(InvalidField):
        await town.registration.verify(token, PASSWORD, "no handle!")
    proved = await town.registration.verify(token, PASSWORD, "another")
    assert (proved.user.email, proved.user.handle) == (EMAIL, "another")


async def test_waiting_handles_are_nobodys(town: Town) -> None:
    """A second try with the same handle is told nothing, whether the first address was free or taken."""
    await town.registration.verify(await asked(town), PASSWORD)
    for first in (EMAIL, OTHER):
        assert await town.registration.register(first, PASSWORD, "wanted") is None
        assert await town.registration.register("eve@example.com", PASSWORD, "wanted") is None
    with pytest.raises(HandleTaken):  # somebody's, which everybody can see
        await town.registration.register("eve@example.com", PASSWORD, HANDLE)


async def test_letter_flood(town: Town) -> None:
    """However many ask, an address gets three letters an hour, registered or not; an hour later there are more."""
    await town.registration.verify(await asked(town), PASSWORD)
    for email in (EMAIL, OTHER):
        town.clock.time_ms += WINDOW_MS
        for number in range(PER_WINDOW * 3):
            assert await town.registration.register(email, PASSWORD, f"eve{number}") is None
            town.registration.ask_again(email)
            await town.registration.work_off()
        assert len(await town.letters()) == PER_WINDOW
    town.clock.time_ms += WINDOW_MS
    assert await asked(town, OTHER, "bob")


async def test_floods_at_the_same_moment(town: Town) -> None:
    """Many at once are counted as well as many one after the other."""
    await asyncio.gather(
        *(town.registration.register(EMAIL, PASSWORD, f"eve{number}") for number in range(10))
    )
    assert len(await town.letters()) == PER_WINDOW


async def test_other_links_of_the_mailbox_die(town: Town) -> None:
    """When one of them was used, the address is somebody's: the others are good no more."""
    first, second = await asked(town), await asked(town, EMAIL, "other")
    await town.registration.verify(second, PASSWORD)
    with pytest.raises(WrongLink):
        await town.registration.verify(first, PASSWORD)
    assert await town.rows_of("registrations") == 0


async def test_an_address_that_became_somebodys_without_the_link(town: Town) -> None:
    """The unique address decides; whoever brings the link is told that it is not good."""
    token = await asked(town)
    await town.people.service.register(EMAIL, PASSWORD, "quick")
    with pytest.raises(WrongLink):
        await town.registration.verify(token, PASSWORD)


async def test_too_much_waits(town: Town) -> None:
    """At the bound of rows, or of letters, everybody is refused and nothing is stored."""
    full = town.where(max_waiting=1)
    await full.register(EMAIL, PASSWORD, HANDLE)
    for email in (EMAIL, OTHER):
        with pytest.raises(Overloaded):
            await full.register(email, PASSWORD, "bob")
    assert await town.rows_of("registrations") == 1
    assert await town.rows_of("mail_outbox") == 1


async def test_an_outbox_that_is_full(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """No registration is kept whose letter could not be."""
    monkeypatch.setattr("cse.adapters.sql.address_letters.OUTBOX_MAX", 0)
    with pytest.raises(Overloaded):
        await town.registration.register(EMAIL, PASSWORD, HANDLE)
    assert await town.rows_of("registrations") == 0


async def test_another_letter(town: Town) -> None:
    """Who waits for a proof gets another link, the first stays good; nobody else gets a letter."""
    await asked(town)
    for email in (EMAIL, OTHER):
        town.registration.ask_again(email)
    await town.registration.work_off()
    (again,) = await town.tokens()
    await town.registration.verify(again, PASSWORD)
    town.registration.ask_again(EMAIL)
    await town.registration.work_off()
    assert await town.letters() == []


async def test_asking_for_another_letter_looks_nothing_up(town: Town) -> None:
    """It is answered before anybody looks; what is no address is refused."""
    town.registration.ask_again("nobody@example.com")
    with pytest.raises(InvalidField):
        town.registration.ask_again("nobody")


async def test_people_join_at_once_in_the_sandbox_and_prove_their_address_later(
    town: Town,
) -> None:
    """They can log in before; the link notes the proof once, and links of before are good no more."""
    sandbox = town.where(verify_first=False)
    user = await sandbox.register(EMAIL, PASSWORD, HANDLE)
    assert user is not None
    assert user.verified_at is None
    with pytest.raises(EmailTaken):
        await sandbox.register(EMAIL, PASSWORD, "other")
    sandbox.ask_again(EMAIL)
    await sandbox.work_off()
    first, second = await town.tokens()
    proved = await sandbox.verify(first)
    assert (proved.is_new, proved.user.verified_at) == (False, town.clock.time_ms)
    for token in (first, second):
        with pytest.raises(WrongLink):
            await sandbox.verify(token)
    assert (await town.acts())[-1] == "user.verify_email"


async def test_the_database_has_no_token(town: Town) -> None:
    """Whoever reads the tables finds neither a token nor a letter that can be read."""
    town.mailer.fails = Unavailable("away")
    await town.registration.register(EMAIL, PASSWORD, HANDLE)
    async with town.engine.connect() as connection:
        sealed = (await connection.execute(text("SELECT sealed FROM mail_outbox"))).scalar_one()
        row = (await connection.execute(text("SELECT * FROM registrations"))).one()
    assert b"Token" not in sealed
    assert EMAIL.encode() not in sealed
    assert len(row.digest) == 32
    assert PASSWORD not in str(row)


async def test_the_engine_is_away(town: Town) -> None:
    """The person is made all the same; their account is opened as soon as the engine is there."""
    token = await asked(town)
    town.queue.failure = Unavailable("away")
    proved = await town.registration.verify(token, PASSWORD)
    assert town.queue.opened == []
    town.queue.failure = None
    await town.people.service.login(EMAIL, PASSWORD)
    assert town.queue.opened == [proved.user.account_id]


async def test_no_letters_no_registration(town: Town) -> None:
    """Where addresses are proved first and no letters are sent, registration says 503 before any work."""
    with pytest.raises(Unavailable, match="no mails"):
        await town.where(sends_letters=False).register(EMAIL, PASSWORD, HANDLE)
