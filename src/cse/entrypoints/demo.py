"""The sandbox's bootstrap: listings, fee tiers, and demo people with some play money. Safe to repeat."""

from hashlib import blake2b
from typing import Final

import structlog

from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import CseError
from cse.core.money import parse_units
from cse.entrypoints.banner import Login
from cse.messages.catalog import Catalog
from cse.messages.commands import CreateAsset, CreateMarket, CreditDeposit, SetFeeTier
from cse.messages.events import Applied, Rejected
from cse.messages.ports import CommandQueue
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command
from cse.sandbox.client.credentials import Credentials, CredentialStore
from cse.sandbox.venue import bootstrap_commands
from cse.settings import Settings
from cse.wiring.gateway import Gateway
from cse.wiring.places import demo_logins

log = structlog.get_logger(__name__)

PEOPLE: Final = ("ada", "ben")
_GIFT: Final = "10000"
"""Of every asset, to everybody, once."""
_DONE_ALREADY: Final = {
    RejectCode.ASSET_EXISTS,
    RejectCode.MARKET_EXISTS,
    RejectCode.ALREADY_APPLIED,
}


class BootstrapRefused(CseError):
    """The engine refuses what the sandbox stands on."""


async def list_sandbox(queue: CommandQueue, catalog: Catalog) -> None:
    """List the sandbox's assets, fee tiers and markets, as far as the catalog has them not.

    Raises:
        BootstrapRefused: this data directory holds another venue.
        Unavailable, OutcomeUnknown: as CommandQueue.
    """
    missing = [command for command in bootstrap_commands() if not _is_listed(command, catalog)]
    for applied in await queue.submit_batch(missing) if missing else ():
        _check(applied)


def _is_listed(command: Command, catalog: Catalog) -> bool:
    match command:
        case CreateAsset():
            return command.asset_id in catalog.assets
        case CreateMarket():
            return command.market_id in catalog.markets
        case SetFeeTier():
            known = catalog.fee_tiers.get(command.tier)
            wanted = (command.maker_ppm, command.taker_ppm)
            return known is not None and (known.maker_ppm, known.taker_ppm) == wanted
    return False


async def invite_demo_people(settings: Settings, gateway: Gateway) -> list[Login]:
    """Register the demo people if need be, give them play money, and return their log-ins.

    Raises:
        Unavailable, OutcomeUnknown: the database or the engine is out of reach; the next start goes on.
    """
    store = CredentialStore(demo_logins(settings))
    people = [store.get(name) for name in PEOPLE]
    for person in people:
        account_id = await _account_of(gateway, person)
        if not gateway.deps.live.balances(account_id):
            await _give(gateway, account_id)
    return [Login(person.email, person.password) for person in people]


async def _account_of(gateway: Gateway, person: Credentials) -> int:
    """Register, and return the account; somebody who is registered already keeps theirs."""
    known = await SqlUserStore(gateway.engine).credentials(person.email)
    if known is not None:
        return known.user.account_id
    user = await gateway.people.service.register(person.email, person.password, person.handle)
    return user.account_id


async def _give(gateway: Gateway, account_id: int) -> None:
    commands = [
        CreditDeposit(
            account_id=account_id,
            asset_id=asset.asset_id,
            amount=parse_units(_GIFT, asset.scale),
            key=_gift_key(account_id, asset.asset_id),
        )
        for asset in gateway.deps.catalog.assets.values()
    ]
    for applied in await gateway.deps.queue.submit_batch(commands):
        _check(applied)


def _gift_key(account_id: int, asset_id: int) -> bytes:
    return blake2b(f"demo gift {account_id} {asset_id}".encode(), digest_size=16).digest()


def _check(applied: Applied) -> None:
    event = applied.events[0] if applied.events else None
    if isinstance(event, Rejected) and event.code not in _DONE_ALREADY:
        raise BootstrapRefused(
            f"the sandbox cannot be set up here: {type(applied.command).__name__} was refused"
            f" ({event.code.name.lower()}); use another data directory"
        )
