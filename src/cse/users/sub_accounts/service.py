"""Makes, lists, renames and closes sub-accounts: further accounts on the exchange, opened through the outbox."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import SetAccountStatus
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus
from cse.users.account_endings import refuse_unless_open
from cse.users.accounts import AccountOpener, OpeningRefused
from cse.users.audit import Act, AuditAct, account_object, user_actor
from cse.users.core import UserCore
from cse.users.key_requests import check_name
from cse.users.model import Opening
from cse.users.sub_accounts.errors import StatusRefused
from cse.users.sub_accounts.model import MAX_LABEL_LENGTH, Bounds, NewSubAccount, SubAccount
from cse.users.sub_accounts.ownership import Ownership
from cse.users.sub_accounts.ports import SubAccountStore

PER_DAY_FACTOR: Final = 2
"""A person may make twice as many in a day as they may have."""

FeeTierOf = Callable[[int], int]
"""Returns the fee tier that an account pays by."""

log = structlog.get_logger(__name__)


class Owner(NamedTuple):
    """A person, and the account they registered with."""

    user_id: int
    main_account_id: int


class SubAccounts:
    """A person's further accounts; keep `run` running."""

    def __init__(
        self, store: SubAccountStore, core: UserCore, fee_tier: FeeTierOf, *, at_once: int
    ) -> None:
        """Allow everybody `at_once`; a new one pays by the fee tier of its owner's first account."""
        self.ownership: Final = Ownership(store, core.bus, core.clock)
        self._store = store
        self._core = core
        self._opener = AccountOpener(core.users, core.queue, core.clock)
        self._fee_tier = fee_tier
        self._bounds = Bounds(at_once, at_once * PER_DAY_FACTOR)

    async def create(self, owner: Owner, label: str) -> SubAccount:
        """Make a sub-account. If the engine cannot be reached it is opened as soon as it can be (the outbox).

        Raises:
            InvalidField: the label cannot be accepted.
            AccountNotOpen: the owner's first account is frozen or closed.
            LabelTaken, TooManySubAccounts, UnknownUser: see SubAccountStore.add.
            Unavailable: the database is out of reach; nothing was done.
        """
        name = _label(label)
        refuse_unless_open(self._core.standing(owner.main_account_id))
        tier = self._fee_tier(owner.main_account_id)
        new = NewSubAccount(owner.user_id, name, tier, self._core.clock.now_ms())
        made = await self._store.add(new, self._bounds)
        try:
            account_id = await self._opener.open_new(Opening(made.account_id, tier, new.created_at))
        except (Unavailable, OutcomeUnknown, OpeningRefused) as error:
            log.warning("account_opens_later", account_id=made.account_id, error=str(error))
            return made
        await self.ownership.opened(account_id, owner.user_id)
        return msgspec.structs.replace(
            made, account_id=account_id, opened_at=self._core.clock.now_ms()
        )

    async def page(self, user_id: int, *, after: int, limit: int) -> Sequence[SubAccount]:
        """Return a page of a person's; see SubAccountStore.page."""
        return await self._store.page(user_id, after=after, limit=limit)

    async def rename(self, user_id: int, account_id: int, label: str) -> SubAccount | None:
        """Give a sub-account another label; see SubAccountStore.rename.

        Raises:
            InvalidField, LabelTaken, Unavailable: nothing was done.
        """
        now_ms = self._core.clock.now_ms()
        return await self._store.rename(user_id, account_id, _label(label), now_ms)

    async def close(self, user_id: int, account_id: int) -> SubAccount | None:
        """Close an empty sub-account for good; None: there is none, or it is somebody else's. Harmless twice.

        A crash after the engine closed it is made good by closing it again.

        Raises:
            AccountNotOpen: it is frozen: staff decides what becomes of it.
            StatusRefused: it has money or open orders.
            Unavailable: it is about to be opened, or nothing can be done now. OutcomeUnknown: close it again.
        """
        found = await self._store.find(user_id, account_id)
        if found is None or found.closed_at is not None:
            return found
        if found.opened_at is None:
            raise Unavailable("The account is about to be opened; try again.")
        standing = self._core.standing(account_id)
        if standing is AccountStatus.FROZEN:
            refuse_unless_open(standing)
        act, what = Act.SUB_ACCOUNT_CLOSED, account_object(account_id)
        await self._core.trail.record(AuditAct(act=act, actor=user_actor(user_id), object=what))
        code = await self._set(account_id, AccountStatus.CLOSED)
        if code not in {None, RejectCode.ACCOUNT_CLOSED}:
            assert code is not None, "it is in the set"
            raise StatusRefused(code)
        return await self._store.mark_closed(user_id, account_id, self._core.clock.now_ms())

    async def of_main(self, main_account_id: int) -> Sequence[SubAccount]:
        """Return the sub-accounts that are not closed of whoever has this first account."""
        return await self._store.of_main(main_account_id)

    async def follow_status(self, main_account_id: int, status: AccountStatus) -> list[int]:
        """Freeze or unfreeze all sub-accounts after their owner's first account; return those that the engine has.

        Of a crash in between some have it and some have not: do the whole again, that is harmless. One that is not
        opened yet has no money, and its owner no session to bring any there.

        Raises:
            Unavailable, OutcomeUnknown: some may have it and some not.
        """
        return [
            each.account_id
            for each in await self._store.of_main(main_account_id)
            if await self._set(each.account_id, status) is None
        ]

    async def run(self) -> None:
        """Know who owns what, until cancelled."""
        await self.ownership.run()

    async def _set(self, account_id: int, status: AccountStatus) -> RejectCode | None:
        """Have the engine set a status; return why it does not."""
        applied = await self._core.queue.submit(SetAccountStatus(account_id, status))
        first = applied.events[0]
        return first.code if isinstance(first, Rejected) else None


def _label(text: str) -> str:
    return check_name(text, field="label", most=MAX_LABEL_LENGTH)
