"""Opening an account for who signs in with an identity that nobody has, if its provider vouches for an address."""

from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from cse.core.clock import Clock
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.users.accounts import AccountOpener, OpeningRefused
from cse.users.errors import EmailTaken
from cse.users.identity import parse_handle
from cse.users.linked.errors import HandleNeeded, NoVerifiedEmail
from cse.users.linked.model import Proven
from cse.users.linked.ports import LinkedStore
from cse.users.model import NewUser, Opening, User
from cse.users.passwords import NO_PASSWORD
from cse.users.ports import UserStore

FEE_TIER: Final = 0
"""What everybody pays who registers."""

log = structlog.get_logger(__name__)


class Joining(NamedTuple):
    """What accounts are opened with."""

    users: UserStore
    store: LinkedStore
    opener: AccountOpener
    clock: Clock
    require_open: Callable[[], None]
    """Raises Unavailable before people can be stored."""

    async def join(self, proven: Proven, handle: str | None) -> User:
        """Store a person without a password, with this identity and the provider's address, and open their account.

        An account that has the address already is somebody's who did not show here that it is theirs: it is
        never given away for a provider's word.

        Raises:
            NoVerifiedEmail: the provider vouches for no address.
            EmailTaken: an account has the address: log in to it, then link.
            HandleNeeded: there is no `handle`.
            InvalidField, HandleTaken: choose another.
            IdentityTaken: somebody was faster.
            Unavailable: the database is out of reach, or nobody can be stored yet; nothing was done.
        """
        if proven.email is None:
            raise NoVerifiedEmail
        if await self.users.is_email_taken(proven.email):
            raise EmailTaken
        if handle is None:
            raise HandleNeeded
        name, now_ms = parse_handle(handle), self.clock.now_ms()
        self.require_open()
        new = NewUser(
            email=proven.email,
            handle=name.shown,
            handle_key=name.key,
            password_hash=NO_PASSWORD,
            fee_tier=FEE_TIER,
            created_at=now_ms,
            verified_at=now_ms,
        )
        user = await self.store.join(new, proven, now_ms)
        await self.open(Opening(user.account_id, FEE_TIER, now_ms), is_new=True)
        return await self.known(user)

    async def open(self, opening: Opening, *, is_new: bool = False) -> None:
        """Open an account; one that cannot be opened now is opened later, by itself."""
        try:
            if is_new:
                await self.opener.open_new(opening)
            else:
                await self.opener.open_again(opening)
        except (Unavailable, OutcomeUnknown, OpeningRefused) as error:
            log.warning("account_opens_later", account_id=opening.account_id, error=str(error))

    async def known(self, user: User) -> User:
        """Return the person as they are stored now: opening may have given the account another number."""
        found = await self.users.credentials_of(user.user_id)
        return found.user if found is not None else user
