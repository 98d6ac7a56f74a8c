"""The outbox of letters over SQLite and PostgreSQL: bounded, and each letter goes once, however many gateways send."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.adapters.sql import mail
from cse.adapters.sql.mail import SqlMailOutbox
from cse.users.mail import NOT_A_USER, MailSender, letter, seal_letter
from cse.users.notices import Notice
from tests.contract.addresses import FakeMailer, Town, town_of
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD


@pytest.fixture(params=["sqlite", "postgresql"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """Ada is registered."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with town_of(url) as made:
        await made.people.service.register(EMAIL, PASSWORD, HANDLE)
        yield made


async def put(town: Town, number: int, user_id: int = 1) -> bool:
    """Put a letter with this number into the outbox."""
    what = letter(EMAIL, f"letter {number}", "text")
    sealed = seal_letter(town.people.core.box, user_id, what)
    return await SqlMailOutbox(town.engine).put(user_id, sealed, town.clock.time_ms)


async def test_so_many_letters_wait_and_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound `put` says no and stores nothing; once one was sent there is room again."""
    monkeypatch.setattr(mail, "OUTBOX_MAX", 3)
    assert [await put(town, number) for number in range(5)] == [True] * 3 + [False] * 2
    assert await town.rows_of("mail_outbox") == 3
    await town.people.core.notices.tell(1, Notice("hello", "A notice that finds no room."))
    assert await town.rows_of("mail_outbox") == 3
    assert len(await town.letters()) == 3
    assert await put(town, 6)


async def test_two_gateways_on_one_outbox_send_each_letter_once(town: Town) -> None:
    """Both take what is due at the same time; no letter is sent by both, and none is left."""
    for number in range(30):
        assert await put(town, number)
    other = FakeMailer()
    second = MailSender(SqlMailOutbox(town.engine), other, town.people.core.box, town.clock)

    async def work_off(sender: MailSender) -> None:
        while await town.rows_of("mail_outbox"):
            await sender.send_due()

    await asyncio.gather(work_off(town.sender), work_off(second))
    sent = [one.subject for one in (*town.mailer.sent, *other.sent)]
    assert sorted(sent) == sorted(f"letter {number}" for number in range(30))


async def test_letters_to_nobodys_account_are_sent_as_all_others(town: Town) -> None:
    """An address that nobody has registered yet gets its letter; the order is that of their making."""
    assert await put(town, 1, NOT_A_USER)
    assert await put(town, 2)
    assert [one.subject for one in await town.letters()] == ["letter 1", "letter 2"]


async def test_a_letter_opens_only_for_whom_it_was_sealed(town: Town) -> None:
    """One that was put under another person's id is given up, not sent."""
    sealed = seal_letter(town.people.core.box, NOT_A_USER, letter(EMAIL, "hello", "text"))
    await SqlMailOutbox(town.engine).put(1, sealed, town.clock.time_ms)
    assert await town.sender.send_due() == 0
    assert await town.rows_of("mail_outbox") == 0
