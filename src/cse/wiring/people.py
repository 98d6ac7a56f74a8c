"""The user service on the configured database, cache and key ring."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.mail import SqlMailOutbox, SqlResetStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.clock import Clock
from cse.messages.ports import CommandQueue
from cse.settings import Settings
from cse.users.account_endings import Standing
from cse.users.assembly import Assembled, MailPorts, UserOptions, UserPorts, assemble
from cse.wiring.mail import mailer, reset_link
from cse.wiring.places import key_ring, sealing_keys
from cse.wiring.shared import Shared


def user_service(
    settings: Settings,
    engine: AsyncEngine,
    queue: CommandQueue,
    shared: Shared,
    clock: Clock,
    standing: Standing,
) -> Assembled:
    """Put the user service together; `engine` must be a durable one, on a migrated database.

    `standing` says what the exchange's engine thinks of an account.

    Raises:
        cse.users.errors.DamagedKeys: the key ring in the data directory cannot be used.
    """
    ports = UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=queue,
        bus=shared.bus,
        cache=shared.cache,
        keys=FileKeyStore(key_ring(settings)),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=FileKeyStore(sealing_keys(settings)),
        standing=standing,
        mail=_mail(settings, engine),
    )
    options = UserOptions(
        access_ms=settings.tokens.access_seconds * 1_000,
        refresh_ms=settings.tokens.refresh_seconds * 1_000,
        session_ms=settings.tokens.session_days * 86_400_000,
        bcrypt_cost=settings.tokens.bcrypt_cost,
    )
    return assemble(ports, options)


def _mail(settings: Settings, engine: AsyncEngine) -> MailPorts | None:
    delivers = mailer(settings)
    if delivers is None:
        return None
    return MailPorts(
        delivers, SqlMailOutbox(engine), SqlResetStore(engine), partial(reset_link, settings)
    )
