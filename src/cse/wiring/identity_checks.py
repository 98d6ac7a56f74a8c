"""Identity checks on the configured database, folder and lists."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cse.adapters.documents.folder import DocumentFolder
from cse.adapters.sql.identity_checks import SqlIdentityStore
from cse.adapters.sql.sub_accounts import SqlSubAccountStore
from cse.core.clock import Clock
from cse.settings import Settings
from cse.users.identity_checks.known_levels import KnownLevels
from cse.users.identity_checks.levels import LevelRules
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.service import IdentityChecks, IdentityPorts
from cse.users.sub_accounts.ownership import Ownership
from cse.users.sub_accounts.service import SubAccounts
from cse.wiring.background import Background
from cse.wiring.database import open_database
from cse.wiring.ground import Ground
from cse.wiring.places import documents_folder
from cse.wiring.shared import shared_parts

MayTrade = Callable[[int], bool]
"""Whether the level of an account's person covers trading."""


def identity_checks(ground: Ground, sub_accounts: SubAccounts) -> IdentityChecks:
    """Put them together; orders ask for levels where trading takes one.

    Raises:
        cse.users.identity_checks.sanctions.ListDamaged: a list cannot be used.
    """
    settings, engine, core, deps = ground
    identity = settings.identity
    lists = Lists(
        _path(identity.sanctions_file),
        _path(identity.jurisdictions_file),
        example=settings.sandbox,
    )
    files = DocumentFolder(documents_folder(settings))
    ports = IdentityPorts(SqlIdentityStore(engine), files, lists, sub_accounts.follow_status)
    made = IdentityChecks(core, ports, _rules(settings), identity.keep_refused_days)
    made.levels.owner_of = sub_accounts.ownership.owner_of
    if made.rules.to_trade:
        deps.order_entry.may_trade = made.may_trade
    return made


@asynccontextmanager
async def running_levels(settings: Settings, clock: Clock) -> AsyncIterator[MayTrade | None]:
    """Know everybody's level, for a process that has no user service; None: trading takes none.

    Raises:
        SchemaMismatch: the database was migrated by newer software.
    """
    needed = settings.level_to_trade
    if not needed:
        yield None
        return
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(shared_parts(settings))
        background = await stack.enter_async_context(Background())
        engine = await stack.enter_async_context(open_database(settings, background))
        stack.push_async_callback(background.stop)  # before the database goes
        levels = KnownLevels(SqlIdentityStore(engine), shared.bus, clock)
        owners = Ownership(SqlSubAccountStore(engine), shared.bus, clock)
        levels.owner_of = owners.owner_of
        background.start("identity levels", levels.run)
        background.start("sub-account owners", owners.run)
        yield lambda account_id: levels.of(account_id) >= needed


def _rules(settings: Settings) -> LevelRules:
    return LevelRules(settings.level_to_trade, settings.level_to_withdraw)


def _path(text: str) -> Path | None:
    return Path(text) if text else None
