"""Registration and changes of address over a real database, with a clock and a mailer that tests control."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.email_changes import SqlEmailChangeStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.mail import SqlMailOutbox, SqlResetStore
from cse.adapters.sql.registrations import SqlRegistrationStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.users.accounts import AccountOpener
from cse.users.assembly import Assembled, MailPorts, UserOptions, UserPorts, assemble
from cse.users.mail import Letter, MailSender, letter
from cse.users.registration.email_change import EmailChange, EmailChangeParts
from cse.users.registration.model import MAX_WAITING
from cse.users.registration.post import AddressPost, Links
from cse.users.registration.registering import Registration, RegistrationParts
from tests.servers.migrated import migrated
from tests.unit.users.people import EngineQueue, FakeClock
from tests.unit.users.stores import MemoryKeyStore

_LINK = "Token: {}".format


class FakeMailer:
    """Keeps letters, or raises `fails`."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.fails: Exception | None = None

    async def send(self, to: str, subject: str, text: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(letter(to, subject, text))


class Town(NamedTuple):
    """An exchange's people, and what tests look at."""

    people: Assembled
    mailer: FakeMailer
    sender: MailSender
    clock: FakeClock
    queue: EngineQueue
    engine: AsyncEngine
    registration: Registration
    changes: EmailChange

    def where(
        self,
        *,
        verify_first: bool = True,
        max_waiting: int = MAX_WAITING,
        sends_letters: bool = True,
    ) -> Registration:
        """Registration with other settings, over the same database."""
        core, service = self.people.core, self.people.service
        return Registration(
            RegistrationParts(
                users=core.users,
                store=SqlRegistrationStore(self.engine, max_waiting=max_waiting),
                hasher=core.hasher,
                cache=core.cache,
                clock=core.clock,
                opener=AccountOpener(core.users, core.queue, core.clock),
                at_once=service.register,
                require_open=service.require_open,
                post=AddressPost(core.box, Links(_LINK, _LINK)) if sends_letters else None,
                verify_first=verify_first,
            )
        )

    async def letters(self) -> list[Letter]:
        """Send what waits; return the letters that arrive by it."""
        before = len(self.mailer.sent)
        while await self.sender.send_due():
            pass
        return self.mailer.sent[before:]

    async def tokens(self) -> list[str]:
        """Send what waits; return the tokens in it."""
        return [token for one in await self.letters() if (token := token_in(one))]

    async def rows_of(self, table: str) -> int:
        """How many rows there are."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # ours
            return int(rows.scalar_one())

    async def acts(self) -> list[str]:
        """The names of all recorded acts, oldest first."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(text("SELECT act FROM audit_log ORDER BY number"))
            return [row[0] for row in rows]


def token_in(one: Letter) -> str:
    """The token of a letter; empty: it has none."""
    found = re.search(r"Token: (\S+)", one.text)
    return found[1] if found else ""


@asynccontextmanager
async def town_of(url: str) -> AsyncIterator[Town]:
    """A town without anybody in it, where addresses are proved first."""
    await migrated(url)
    engine, clock, keys, mailer = make_engine(url), FakeClock(), MemoryKeyStore(), FakeMailer()
    outbox, queue = SqlMailOutbox(engine), EngineQueue()
    ports = UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=queue,
        bus=MemoryBus(),
        cache=MemoryCache(now_ms=clock.now_ms),
        keys=MemoryKeyStore(),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=keys,
        mail=MailPorts(mailer, outbox, SqlResetStore(engine), _LINK),
    )
    people = assemble(ports, UserOptions(bcrypt_cost=4))
    await people.service.start(0)
    core = people.core
    sender = MailSender(outbox, mailer, core.box, clock)
    post = AddressPost(core.box, Links(_LINK, _LINK))
    changes = EmailChange(
        EmailChangeParts(core.users, SqlEmailChangeStore(engine), core.session_list, clock, post)
    )
    made = Town(people, mailer, sender, clock, queue, engine, None, changes)  # type: ignore[arg-type]  # the next line
    yield made._replace(registration=made.where())
    people.service.close()
    await engine.dispose()
