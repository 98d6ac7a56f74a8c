"""Password reset over SQLite and PostgreSQL: links are good once, for a while, for their owner; nobody is flooded."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.mail import SqlMailOutbox, SqlResetStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.assembly import MailPorts, UserOptions, UserPorts, assemble
from cse.users.errors import InvalidField, InvalidToken, WrongCredentials
from cse.users.mail import MAX_ATTEMPTS, Letter, MailRefused, MailSender, letter
from cse.users.password_reset import LIFE_MS, PER_WINDOW, WINDOW_MS, PasswordReset, WrongResetToken
from cse.users.secret_box import SecretBox
from cse.users.service import UserService
from tests.servers.migrated import migrated
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, EngineQueue, FakeClock
from tests.unit.users.stores import MemoryKeyStore

OTHER = "bob@example.com"
NEW = "a much better password"


class FakeMailer:
    """Keeps letters, or raises `fails`."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.fails: Exception | None = None

    async def send(self, to: str, subject: str, text: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(letter(to, subject, text))


class Post(NamedTuple):
    """A user service over a database, and what tests look at."""

    service: UserService
    reset: PasswordReset
    mailer: FakeMailer
    sender: MailSender
    clock: FakeClock
    engine: AsyncEngine

    async def tokens(self, *emails: str) -> list[str]:
        """Ask for these addresses; return the tokens that arrive, in order."""
        before = len(self.mailer.sent)
        for email in emails:
            self.reset.ask(email)
        await self.reset.work_off()
        while await self.sender.send_due():
            pass
        return [_token(one) for one in self.mailer.sent[before:]]

    async def rows_of(self, table: str) -> int:
        """How many rows there are."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # ours
            return int(rows.scalar_one())


def _token(one: Letter) -> str:
    found = re.search(r"Token: (\S+)", one.text)
    assert found is not None
    return found[1]


@pytest.fixture(params=["sqlite", "postgresql"])
async def post(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    """Ada and Bob are registered."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    engine, clock, keys, mailer = make_engine(url), FakeClock(), MemoryKeyStore(), FakeMailer()
    outbox = SqlMailOutbox(engine)
    ports = UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=EngineQueue(),
        bus=MemoryBus(),
        cache=MemoryCache(now_ms=clock.now_ms),
        keys=MemoryKeyStore(),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=keys,
        mail=MailPorts(mailer, outbox, SqlResetStore(engine), "Token: {}".format),
    )
    service = assemble(ports, UserOptions(bcrypt_cost=4)).service
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.register(OTHER, PASSWORD, "Bob")
    assert service.password_reset is not None
    sender = MailSender(outbox, mailer, SecretBox(keys), clock)
    yield Post(service, service.password_reset, mailer, sender, clock, engine)
    service.close()
    await engine.dispose()


async def test_a_reset_sets_the_password_ends_all_sessions_and_tells_the_owner(post: Post) -> None:
    """The old password and old sessions are dead, the new password works, a second letter says so."""
    pair = await post.service.login(EMAIL, PASSWORD)
    (token,) = await post.tokens(EMAIL)
    await post.reset.confirm(token, NEW)
    with pytest.raises(WrongCredentials):
        await post.service.login(EMAIL, PASSWORD)
    with pytest.raises(InvalidToken):
        await post.service.refresh(pair.refresh_token)
    await post.service.login(EMAIL, NEW)
    await post.sender.send_due()
    assert [one.to for one in post.mailer.sent] == [EMAIL, EMAIL]
    assert "set anew" in post.mailer.sent[1].text


async def test_token_reuse(post: Post) -> None:
    """A token is good once, also when two bring it at the same moment."""
    (token,) = await post.tokens(EMAIL)
    results = await asyncio.gather(
        post.reset.confirm(token, NEW),
        post.reset.confirm(token, NEW + " two"),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "WrongResetToken"]
    with pytest.raises(WrongResetToken):
        await post.reset.confirm(token, NEW)


async def test_other_outstanding_links_die(post: Post) -> None:
    """When one link was used, those that were sent before are dead."""
    first, second = await post.tokens(EMAIL, EMAIL)
    await post.reset.confirm(second, NEW)
    with pytest.raises(WrongResetToken):
        await post.reset.confirm(first, NEW)


async def test_expired_token(post: Post) -> None:
    """A token is good until its 30 minutes are over, not a millisecond longer; the password stays."""
    (token,) = await post.tokens(EMAIL)
    post.clock.time_ms += LIFE_MS
    with pytest.raises(WrongResetToken):
        await post.reset.confirm(token, NEW)
    await post.service.login(EMAIL, PASSWORD)


async def test_token_of_another_person(post: Post) -> None:
    """Bob's token sets Bob's password, nobody else's; Ada's session and link go on."""
    pair = await post.service.login(EMAIL, PASSWORD)
    adas, bobs = await post.tokens(EMAIL, OTHER)
    await post.reset.confirm(bobs, NEW)
    await post.service.refresh(pair.refresh_token)
    with pytest.raises(WrongCredentials):
        await post.service.login(EMAIL, NEW)
    await post.reset.confirm(adas, NEW)


async def test_a_refused_password_leaves_the_token_good(post: Post) -> None:
    """Who chose a bad password tries again with the same link; sessions go on meanwhile."""
    pair = await post.service.login(EMAIL, PASSWORD)
    (token,) = await post.tokens(EMAIL)
    with pytest.raises(InvalidField):
        await post.reset.confirm(token, "password123")
    await post.service.refresh(pair.refresh_token)
    await post.reset.confirm(token, NEW)


async def test_mail_flood(post: Post) -> None:
    """However often somebody asks, a person gets three links an hour; an hour later there are more."""
    assert len(await post.tokens(*[EMAIL] * 20)) == PER_WINDOW
    assert await post.rows_of("password_resets") == PER_WINDOW
    post.clock.time_ms += WINDOW_MS
    assert len(await post.tokens(EMAIL)) == 1


async def test_an_address_that_nobody_has_gets_no_letter(post: Post) -> None:
    """Nothing is stored and nothing is sent."""
    assert await post.tokens("nobody@example.com") == []
    assert await post.rows_of("password_resets") == 0


async def test_the_database_has_no_token(post: Post) -> None:
    """Whoever reads the tables finds neither the token nor a letter that can be read."""
    post.mailer.fails = Unavailable("away")
    post.reset.ask(EMAIL)
    await post.reset.work_off()
    async with post.engine.connect() as connection:
        sealed = (await connection.execute(text("SELECT sealed FROM mail_outbox"))).scalar_one()
    assert b"Token" not in sealed
    assert EMAIL.encode() not in sealed


async def test_letters_are_tried_again_with_growing_waits_and_given_up(post: Post) -> None:
    """A mail server that is away gets a letter nine times, later each time; then it is gone."""
    post.mailer.fails = Unavailable("away")
    post.reset.ask(EMAIL)
    await post.reset.work_off()
    for attempt in range(MAX_ATTEMPTS):
        assert await post.rows_of("mail_outbox") == 1
        await post.sender.send_due()
        post.clock.time_ms += (5_000 << attempt) - 1
        if attempt == 0:
            post.mailer.fails = AssertionError("sent too early")
            await post.sender.send_due()
            post.mailer.fails = Unavailable("away")
        post.clock.time_ms += 1
    assert await post.rows_of("mail_outbox") == 0


async def test_a_letter_that_is_refused_for_good_is_not_tried_again(post: Post) -> None:
    """An address that does not exist is no reason to go on."""
    post.mailer.fails = MailRefused("550")
    post.reset.ask(EMAIL)
    await post.reset.work_off()
    await post.sender.send_due()
    assert await post.rows_of("mail_outbox") == 0


async def test_every_act_is_recorded(post: Post) -> None:
    """Asking and resetting stand in the audit log."""
    (token,) = await post.tokens(EMAIL)
    await post.reset.confirm(token, NEW)
    async with post.engine.connect() as connection:
        acts = {row[0] for row in await connection.execute(text("SELECT act FROM audit_log"))}
    assert {"user.ask_password_reset", "user.reset_password", "session.revoke"} <= acts


async def test_enumeration_by_answers(post: Post) -> None:
    """Asking looks nothing up before it answers: neither answer nor time can tell whether an address is known."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(post.engine.sync_engine, "before_cursor_execute", note)
    post.reset.ask(EMAIL)
    post.reset.ask("nobody@example.com")
    assert statements == []
