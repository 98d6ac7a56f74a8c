"""Changes of an e-mail address over SQLite and PostgreSQL: proved by a link, both sides told, nobody learns more."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from cse.users.errors import EmailTaken, InvalidField, InvalidToken, WrongCredentials
from cse.users.model import Credentials
from cse.users.password_change import ChangedBy
from cse.users.password_reset import WrongResetToken
from cse.users.registration.model import (
    LIFE_MS,
    PER_WINDOW,
    WINDOW_MS,
    TooManyLetters,
    WrongLink,
)
from tests.contract.addresses import Town, token_in, town_of
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD

OTHER = "bob@example.com"
NEW = "ada@new.example.com"


class Ada(NamedTuple):
    """Somebody who is registered, in a session."""

    town: Town
    user_id: int
    session_id: str
    refresh_token: str

    async def ask(self, email: str = NEW) -> str:
        """Ask for another address; the token that came, empty if none did."""
        await self.town.changes.ask(self.user_id, self.session_id, email)
        return "".join(await self.town.tokens())


@pytest.fixture(params=["sqlite", "postgresql"])
async def ada(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ada]:
    """Ada and Bob are registered; Ada is logged in."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with town_of(url) as town:
        user = await town.people.service.register(EMAIL, PASSWORD, HANDLE)
        await town.people.service.register(OTHER, PASSWORD, "Bob")
        pair = await town.people.service.login(EMAIL, PASSWORD)
        session_id = town.people.tokens.verify(pair.access_token).session_id
        yield Ada(town, user.user_id, session_id, pair.refresh_token)


async def test_the_link_changes_the_address_and_both_are_told(ada: Ada) -> None:
    """The new address logs in and is proved, the old one does not; each hears of the request and of the change."""
    town = ada.town
    await town.changes.ask(ada.user_id, ada.session_id, NEW)
    asked = await town.letters()
    assert {one.to for one in asked} == {EMAIL, NEW}
    notice = next(one for one in asked if one.to == EMAIL)
    assert NEW in notice.text
    assert token_in(notice) == ""
    user = await town.changes.confirm("".join(token_in(one) for one in asked))
    assert (user.email, user.verified_at) == (NEW, town.clock.time_ms)
    assert {one.to for one in await town.letters()} == {EMAIL, NEW}
    await town.people.service.login(NEW, PASSWORD)
    with pytest.raises(WrongCredentials):
        await town.people.service.login(EMAIL, PASSWORD)


async def test_the_session_that_asked_goes_on_and_all_others_end(ada: Ada) -> None:
    """Whoever else was logged in is not any more."""
    other = await ada.town.people.service.login(EMAIL, PASSWORD)
    await ada.town.changes.confirm(await ada.ask())
    with pytest.raises(InvalidToken):
        await ada.town.people.service.refresh(other.refresh_token)
    await ada.town.people.service.refresh(ada.refresh_token)


async def test_the_address_stays_until_the_link_is_used(ada: Ada) -> None:
    """Asking changes nothing that anybody else could notice."""
    await ada.ask()
    await ada.town.people.service.login(EMAIL, PASSWORD)
    with pytest.raises(WrongCredentials):
        await ada.town.people.service.login(NEW, PASSWORD)


async def test_an_address_that_is_somebodys(ada: Ada) -> None:
    """Asking says the same and stores the same; its owner is told, and nobody gets a token."""
    before = await ada.town.rows_of("email_links"), await ada.town.rows_of("mail_outbox")
    await ada.town.changes.ask(ada.user_id, ada.session_id, OTHER)
    after = await ada.town.rows_of("email_links"), await ada.town.rows_of("mail_outbox")
    assert after == (before[0] + 1, before[1] + 2)
    letters = await ada.town.letters()
    assert {one.to for one in letters} == {EMAIL, OTHER}
    assert not any(token_in(one) for one in letters)
    await ada.town.people.service.login(OTHER, PASSWORD)


async def test_an_address_that_became_somebodys(ada: Ada) -> None:
    """The unique address decides; who brings the link reads its mails and may know. Nothing was changed."""
    token = await ada.ask()
    await ada.town.people.service.register(NEW, PASSWORD, "quick")
    with pytest.raises(EmailTaken):
        await ada.town.changes.confirm(token)
    await ada.town.people.service.login(EMAIL, PASSWORD)


async def test_token_reuse(ada: Ada) -> None:
    """A token is good once, also when two bring it at the same moment."""
    token = await ada.ask()
    results = await asyncio.gather(
        ada.town.changes.confirm(token), ada.town.changes.confirm(token), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["User", "WrongLink"]
    with pytest.raises(WrongLink):
        await ada.town.changes.confirm(token)


async def test_expired_token(ada: Ada) -> None:
    """A token is good for 24 hours."""
    token = await ada.ask()
    ada.town.clock.time_ms += LIFE_MS
    with pytest.raises(WrongLink):
        await ada.town.changes.confirm(token)


async def test_a_changed_password_ends_the_change(ada: Ada) -> None:
    """Who finds out that somebody else asked changes the password: the other session ends, and its link with it."""
    owner = await ada.town.people.service.login(EMAIL, PASSWORD)
    token = await ada.ask("thief@example.com")
    session_id = ada.town.people.tokens.verify(owner.access_token).session_id
    await ada.town.people.service.password_change.change(
        ChangedBy(ada.user_id, session_id), PASSWORD, "a much better password"
    )
    with pytest.raises(WrongLink):
        await ada.town.changes.confirm(token)


async def test_all_other_links_end(ada: Ada) -> None:
    """Links of password resets, of other changes and of registrations with the new address."""
    town = ada.town
    reset = town.people.service.password_reset
    assert reset is not None
    reset.ask(EMAIL)
    await reset.work_off()
    (reset_token,) = await town.tokens()
    first, second = await ada.ask("first@example.com"), await ada.ask()
    await town.registration.register(NEW, PASSWORD, "hopeful")
    (join_token,) = await town.tokens()
    await town.changes.confirm(second)
    with pytest.raises(WrongResetToken):
        await reset.confirm(reset_token, "a much better password")
    with pytest.raises(WrongLink):
        await town.changes.confirm(first)
    with pytest.raises(WrongLink):
        await town.registration.verify(join_token, PASSWORD)


async def test_a_password_reset_that_was_asked_for_at_the_old_address_meanwhile(
    ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is found by the old address, then the address changes: no link goes to who reads the old mailbox."""
    town = ada.town
    users, reset = town.people.core.users, town.people.service.password_reset
    assert reset is not None
    change, found = await ada.ask(), users.credentials

    async def slow(email: str) -> Credentials | None:
        known = await found(email)
        await town.changes.confirm(change)
        return known

    monkeypatch.setattr(users, "credentials", slow)
    reset.ask(EMAIL)
    await reset.work_off()
    assert await town.tokens() == []
    assert await town.rows_of("password_resets") == 0


async def test_a_proof_of_the_old_address_is_no_proof_of_the_new(ada: Ada) -> None:
    """Links of kinds are not mixed up: a token for proving changes nothing, and one for changing proves nothing."""
    registration = ada.town.where(verify_first=False)
    registration.ask_again(EMAIL)
    await registration.work_off()
    (proof,) = await ada.town.tokens()
    change = await ada.ask()
    with pytest.raises(WrongLink):
        await ada.town.changes.confirm(proof)
    with pytest.raises(WrongLink):
        await ada.town.registration.verify(change)


async def test_letter_flood(ada: Ada) -> None:
    """A person asks three times an hour; an address gets three letters an hour, whoever asks."""
    for number in range(PER_WINDOW):
        await ada.ask(f"victim{number}@example.com")
    with pytest.raises(TooManyLetters):
        await ada.ask("victim@example.com")
    ada.town.clock.time_ms += WINDOW_MS
    for number in range(PER_WINDOW):
        await ada.town.registration.register(NEW, PASSWORD, f"eve{number}")
    await ada.town.letters()
    assert await ada.ask() == ""


async def test_the_own_address_and_none(ada: Ada) -> None:
    """400 for what is no address, and for the one that the person has, however it is written."""
    for email in (EMAIL, EMAIL.upper(), "nobody"):
        with pytest.raises(InvalidField):
            await ada.ask(email)


async def test_acts_are_recorded_with_masked_addresses(ada: Ada) -> None:
    """Who changed theirs from what to what, without keeping addresses for ever."""
    await ada.town.changes.confirm(await ada.ask())
    acts = await ada.town.acts()
    assert acts.index("user.ask_email_change") < acts.index("user.change_email")
    async with ada.town.engine.connect() as connection:
        asked = text("SELECT before, after FROM audit_log WHERE act = 'user.change_email'")
        row = (await connection.execute(asked)).one()
    assert tuple(row) == ('{"email":"a***@example.com"}', '{"email":"a***@new.example.com"}')
