"""The user service: register, log in, refresh, log out; and what it does by itself meanwhile."""

import asyncio
from typing import Final

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.users.account_endings import AccountEndings
from cse.users.accounts import AccountOpener, OpeningRefused
from cse.users.api_keys import ApiKeys
from cse.users.authority_parts import Authority
from cse.users.devices import NO_DEVICE, Device
from cse.users.errors import DamagedKeys, EmailTaken, InvalidField, WrongCredentials
from cse.users.factor_ports import NO_PROOF, Proof
from cse.users.factors import Factors
from cse.users.identity import (
    check_new_password,
    normalise_email,
    normalise_password,
    parse_handle,
)
from cse.users.keys import RELOAD_MS, Keys
from cse.users.lock_outs import LockOutNotices
from cse.users.model import Credentials, NewUser, Opening, TokenPair, User
from cse.users.password_change import PasswordChange
from cse.users.password_reset import PasswordReset
from cse.users.passwords import PasswordHasher
from cse.users.ports import SessionStore, UserStore
from cse.users.refused_logins import RefusedLogIns
from cse.users.revocations import Revocations
from cse.users.session_list import SessionList
from cse.users.session_uses import SessionUses
from cse.users.sessions import Sessions
from cse.users.step_up import StepUps
from cse.users.throttle import LoginThrottle

_PURGE_MS: Final = 3_600_000
_TOLD_MS: Final = 604_800_000
"""So long after a session ran out we can tell its refresh token from one that never was: a week."""
FEE_TIER: Final = 0
"""What everybody pays who registers."""

log = structlog.get_logger(__name__)


class UserServiceParts(msgspec.Struct, frozen=True):
    """What the service is made of; wiring builds it (`cse.users.assembly` for the usual case)."""

    users: UserStore
    session_store: SessionStore
    hasher: PasswordHasher
    keys: Keys
    sessions: Sessions
    revocations: Revocations
    api_keys: ApiKeys
    authority: Authority
    refused: RefusedLogIns
    factors: Factors
    step_ups: StepUps
    throttle: LoginThrottle
    lock_outs: LockOutNotices
    opener: AccountOpener
    session_list: SessionList
    session_uses: SessionUses
    account_endings: AccountEndings
    password_change: PasswordChange
    clock: Clock
    password_reset: PasswordReset | None = None


class UserService:
    """The one object that the gateway talks to about people."""

    def __init__(self, parts: UserServiceParts) -> None:
        """Use these parts; call `start`, and keep `run` running."""
        self.api_keys: Final = parts.api_keys
        """What people's programs log in with."""
        self.session_list: Final = parts.session_list
        """A person's log-ins, seen and ended by device."""
        self.session_uses: Final = parts.session_uses
        """Whoever lets a call in notes here which session it was of."""
        self.account_endings: Final = parts.account_endings
        """Whoever learns that an account is frozen or closed notes it here."""
        self.password_change: Final = parts.password_change
        self.password_reset: Final = parts.password_reset
        """None: no mails are sent."""
        self.authority: Final = parts.authority
        """Who may do what, and what was done."""
        self.factors: Final = parts.factors
        """Authenticators and recovery codes."""
        self.step_ups: Final = parts.step_ups
        """Which sessions proved lately who uses them."""
        self.lock_outs: Final = parts.lock_outs
        """Who hears that log-ins as them are refused."""
        self._refused = parts.refused
        self._users = parts.users
        self._session_store = parts.session_store
        self._hasher = parts.hasher
        self._keys = parts.keys
        self._sessions = parts.sessions
        self._revocations = parts.revocations
        self._throttle = parts.throttle
        self._opener = parts.opener
        self._clock = parts.clock
        self._reserve_through: int | None = 0

    async def register(self, email: str, password: str, handle: str) -> User:
        """Register a person and open their account.

        If the engine cannot be reached the person is registered all the same; the account is opened as
        soon as it can be (`resend_outbox`).

        Raises:
            InvalidField: a value cannot be accepted.
            EmailTaken, HandleTaken: somebody else has it.
            Overloaded: too many passwords are waiting; nothing was done.
            Unavailable: the database is out of reach, or `start` has not succeeded; nothing was done.
        """
        self.require_open()
        address, name = normalise_email(email), parse_handle(handle)
        secret = check_new_password(password, email=address, handle=name)
        if await self._users.is_email_taken(address):  # a cheap no, before the expensive hash
            raise EmailTaken
        new = NewUser(
            email=address,
            handle=name.shown,
            handle_key=name.key,
            password_hash=await self._hasher.hash(secret),
            fee_tier=FEE_TIER,
            created_at=self._clock.now_ms(),
        )
        user = await self._users.add_user(new)
        try:
            account_id = await self._opener.open_new(
                Opening(user.account_id, new.fee_tier, new.created_at)
            )
        except (Unavailable, OutcomeUnknown, OpeningRefused) as error:
            log.warning("account_opens_later", account_id=user.account_id, error=str(error))
            return user
        return msgspec.structs.replace(user, account_id=account_id)

    def require_open(self) -> None:
        """Return once people can be stored; raises Unavailable before `start` has succeeded."""
        if self._reserve_through is not None:
            raise Unavailable("Registration opens as soon as the database can be reached.")

    async def login(
        self,
        email: str,
        password: str,
        network: str = "",
        device: Device = NO_DEVICE,
        proof: Proof = NO_PROOF,
    ) -> TokenPair:
        """Begin a session. `network` is where the attempt comes from, for counting failures.

        Raises:
            WrongCredentials: unknown address or wrong password, after the same work.
            AccountNotOpen: the password was right, but the account is frozen or closed.
            FactorRequired, WrongFactor: the password was right, the second factor (`proof`) was not.
            TooManyAttempts: too many failures for this address, or of its second factor, lately.
            Overloaded: too many passwords are waiting.
            Unavailable: the database is out of reach.
        """
        address, secret = _as_given(email, password)
        if address:
            await self._throttle.count(address, network)
        known = await self._users.credentials(address) if address and secret else None
        right = await self._hasher.verify(secret, known.password_hash if known else None)
        if known is None or not right:
            await self._refused.note(known.user.user_id if known else None, "wrong_credentials")
            raise WrongCredentials
        await self.factors.check_log_in(known.user, proof)
        await self._throttle.forget(address, network)
        known = await self._rehash(known, secret)
        if known.opening is not None:
            await self._open_now(known.opening)
        return await self._begin(known, secret, device)

    async def refresh(
        self, refresh_token: str, address: str = "", *, replay_ms: int = 0
    ) -> TokenPair:
        """Exchange a refresh token for the next pair; `replay_ms` and errors as in `Sessions.refresh`."""
        return await self._sessions.refresh(refresh_token, address, replay_ms=replay_ms)

    async def logout(self, session_id: str, user_id: int = 0) -> None:
        """End a session; its access tokens are refused within a second, here at once.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
        await self._sessions.end(session_id, user_id)

    async def logout_by_refresh_token(self, refresh_token: str) -> None:
        """End the session of a refresh token; errors as in `Sessions.end_by_refresh_token`."""
        await self._sessions.end_by_refresh_token(refresh_token)

    async def start(self, highest_account_id: int) -> None:
        """Keep clear of account ids that the engine has, read revocations, empty the outbox.

        Nobody can register before this has succeeded; if it fails, `run` goes on trying.

        Raises:
            Unavailable: the database is out of reach.
        """
        self._reserve_through = highest_account_id
        await self._users.reserve_account_ids(highest_account_id)
        await self._revocations.read()
        await self.api_keys.read()
        await self.authority.roles.read()
        await self._opener.resend_outbox(everything=True)
        self._reserve_through = None

    async def resend_outbox(self) -> int:
        """Open accounts that are still waiting for it; errors as in `AccountOpener.resend_outbox`."""
        return await self._opener.resend_outbox()

    async def run(self) -> None:
        """Keep revocations, keys and the outbox current and old sessions cleared away, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._revocations.run())
            tasks.create_task(self.api_keys.run())
            tasks.create_task(self.authority.roles.run())
            tasks.create_task(self.session_uses.run())
            tasks.create_task(self.account_endings.run())
            tasks.create_task(self.lock_outs.run())
            if self.password_reset is not None:
                tasks.create_task(self.password_reset.run())
            tasks.create_task(self._maintain())

    def close(self) -> None:
        """End the password threads."""
        self._hasher.close()

    async def _maintain(self) -> None:
        purge_at = self._clock.now_ms()
        while True:
            try:
                self._keys.reload()
                if self._reserve_through is not None:
                    await self.start(self._reserve_through)
                await self._opener.resend_outbox()
                if self._clock.now_ms() >= purge_at:
                    await self._session_store.purge(self._clock.now_ms() - _TOLD_MS)
                    purge_at = self._clock.now_ms() + _PURGE_MS
            except (Unavailable, DamagedKeys) as error:
                log.warning("user_service_waits", error=str(error))
            await asyncio.sleep(RELOAD_MS / 1000)

    async def _begin(self, known: Credentials, secret: str, device: Device) -> TokenPair:
        """Begin a session, if the password is still the one when the session is stored.

        Whoever changes a password ends sessions after the new hash is there: either they find this session, or
        the new hash is found here (cse.users.password_change).
        """
        pair = await self._sessions.begin(known.user, device)
        now = await self._users.credentials_of(known.user.user_id)
        if now is not None and now.password_hash == known.password_hash:
            return pair
        if now is not None and await self._hasher.verify(secret, now.password_hash):
            return pair  # rehashed meanwhile
        await self._sessions.end_by_refresh_token(pair.refresh_token)
        raise WrongCredentials

    async def _rehash(self, known: Credentials, secret: str) -> Credentials:
        """Strengthen a hash made at a lower cost; the log-in does not depend on it."""
        if not self._hasher.is_outdated(known.password_hash):
            return known
        try:
            new = await self._hasher.hash(secret)
            await self._users.replace_password_hash(known.user.user_id, known.password_hash, new)
        except Unavailable as error:
            log.warning("password_not_rehashed", user_id=known.user.user_id, error=str(error))
            return known
        return Credentials(known.user, new, known.opening)

    async def _open_now(self, opening: Opening) -> None:
        try:
            await self._opener.open_again(opening)
        except (Unavailable, OutcomeUnknown, OpeningRefused) as error:
            log.warning("account_opens_later", account_id=opening.account_id, error=str(error))


def _as_given(email: str, password: str) -> tuple[str, str]:
    """Return both normalised; what nobody can have registered becomes empty, and is checked like the rest."""
    try:
        address = normalise_email(email)
    except InvalidField:
        address = ""
    try:
        return address, normalise_password(password)
    except InvalidField:
        return address, ""
