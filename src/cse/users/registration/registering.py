"""People join: at once where that is allowed (the sandbox), else by a link that proves their address.

By a link nothing tells whether an address is registered: whoever asks gets the same answer after the same work, one
password hash and one transaction that stores one row and one letter. The owner of the mailbox hears the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.users.accounts import AccountOpener, OpeningRefused
from cse.users.common_passwords import common_passwords
from cse.users.errors import EmailTaken, HandleTaken, InvalidField, Overloaded, TooManyAttempts
from cse.users.identity import (
    check_new_password,
    normalise_email,
    normalise_password,
    parse_handle,
)
from cse.users.model import NewUser, Opening, User
from cse.users.passwords import PasswordHasher
from cse.users.ports import Cache, UserStore
from cse.users.registration.model import (
    LIFE_MS,
    AddressLink,
    Asked,
    Pending,
    WrongLink,
    WrongPassword,
    digest_of,
    new_token,
)
from cse.users.registration.ports import RegistrationStore
from cse.users.registration.post import AddressPost
from cse.users.registration.verified import person_of, require_verified

FEE_TIER: Final = 0
"""What everybody pays who registers."""
_NOBODY_READS: Final = ".example"
"""No mail reaches names below it (RFC 2606): bots and demo log-ins of the sandbox have such addresses."""
TRIES: Final = 10
"""Passwords that may be tried with one link within TRIES_MS."""
TRIES_MS: Final = 15 * 60_000
_WAITING: Final = 1_000
_PURGE_S: Final = 3_600.0

log = structlog.get_logger(__name__)


class RegistrationParts(NamedTuple):
    """What registration is made of."""

    users: UserStore
    store: RegistrationStore
    hasher: PasswordHasher
    cache: Cache
    """Counts guesses at passwords of registrations."""
    clock: Clock
    opener: AccountOpener
    at_once: Callable[[str, str, str], Awaitable[User]]
    """`UserService.register`."""
    require_open: Callable[[], None]
    """`UserService.require_open`: raises Unavailable before people can be stored."""
    post: AddressPost | None
    """None: no letters are sent here."""
    verify_first: bool
    """Whether the address is proved before there is an account."""


class Proved(NamedTuple):
    """Whose address was proved, and whether that made them."""

    user: User
    is_new: bool


class Registration:
    """Takes registrations in and proofs of addresses. Keep `run` running."""

    def __init__(self, parts: RegistrationParts) -> None:
        """Use these."""
        self._parts = parts
        self._store = parts.store
        self._clock = parts.clock
        self._asked: asyncio.Queue[str] = asyncio.Queue(_WAITING)

    async def register(self, email: str, password: str, handle: str) -> User | None:
        """Register a person; None: the mailbox says how it goes on, to them alone.

        Raises:
            InvalidField: a value cannot be accepted.
            HandleTaken: somebody has it, which anybody can see.
            EmailTaken: only where addresses are not proved first.
            Overloaded: too many passwords are waiting, or too much waits for its proof; nothing was done.
            Unavailable: the database is out of reach, or no letters are sent here; nothing was done.
        """
        if not self._parts.verify_first:
            user = await self._parts.at_once(email, password, handle)
            await self._ask_for_proof(user)
            return user
        post = self._needs_post()
        address, name = normalise_email(email), parse_handle(handle)
        secret = check_new_password(password, email=address, handle=name)
        if await self._store.is_handle_taken(name.key):
            raise HandleTaken
        hashed = await self._parts.hasher.hash(secret)
        if await self._add(post, address, name.shown, hashed) is Asked.FULL:
            raise Overloaded
        return None

    async def verify(
        self, token: str, password: str | None = None, handle: str | None = None
    ) -> Proved:
        """Take a link's token: of a registration it makes the person, of a registered person it notes the proof.

        A registration takes the `password` that was chosen with it, too: whoever owns the mailbox but did not ask
        must not open an account whose password a stranger knows. `handle`: in the place of the one asked for.

        Raises:
            WrongLink: the token is not good.
            WrongPassword: it is not the one that was chosen; the token stays good.
            TooManyAttempts: TRIES were tried with this link; the token stays good, and no password was checked.
            Overloaded: too many passwords are waiting; the token stays good.
            InvalidField, HandleTaken: give another handle; the token stays good.
            Unavailable: the database is out of reach; the token stays good.
        """
        digest, now_ms = digest_of(token), self._clock.now_ms()
        pending = await self._store.pending(digest, now_ms)
        if pending is None:
            user = await self._store.prove(digest, now_ms)
            if user is None:
                raise WrongLink
            return Proved(user, is_new=False)
        self._parts.require_open()
        await self._require_chosen(password, pending)
        name = parse_handle(pending.handle if handle is None else handle)
        new = NewUser(
            email=pending.email,
            handle=name.shown,
            handle_key=name.key,
            password_hash=pending.password_hash,
            fee_tier=FEE_TIER,
            created_at=now_ms,
            verified_at=now_ms,
        )
        try:
            user = await self._store.admit(digest, new)
        except EmailTaken:  # by another link of the same mailbox
            raise WrongLink from None
        if user is None:
            raise WrongLink
        return Proved(await self._open(user), is_new=True)

    async def _require_chosen(self, password: str | None, pending: Pending) -> None:
        if not password:
            raise WrongPassword
        # Counted before it is checked, so that a hundred at once count as a hundred.
        tried = await self._parts.cache.increment(f"verify:{pending.digest.hex()}", TRIES_MS)
        if tried > TRIES:
            raise TooManyAttempts(TRIES_MS)
        try:
            secret = normalise_password(password)
        except InvalidField:
            raise WrongPassword from None
        if not await self._parts.hasher.verify(secret, pending.password_hash):
            raise WrongPassword

    async def person(self, user_id: int) -> User:
        """Return a registered person; errors as in `person_of`."""
        return await person_of(self._parts.users, user_id)

    async def require_verified(self, user_id: int) -> None:
        """Return if the address of this person is proved.

        Raises:
            NotVerified: it is not.
            UnknownUser, Unavailable: as in `person_of`.
        """
        require_verified(await self.person(user_id))

    def ask_again(self, email: str) -> None:
        """Send another link, if this address waits for its proof; returns before anybody looks.

        What waits here is lost when the process ends: people ask again.

        Raises:
            InvalidField: it cannot be an address.
            Overloaded: too many are waiting.
            Unavailable: no letters are sent here.
        """
        self._needs_post()
        try:
            self._asked.put_nowait(normalise_email(email))
        except asyncio.QueueFull:
            raise Overloaded from None

    async def run(self) -> None:
        """Answer who asked for another link, and clear away what ran out, until cancelled."""
        await asyncio.to_thread(common_passwords)  # read before the first person waits for it
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work())
            tasks.create_task(self._purge())

    async def work_off(self) -> None:
        """Look after everybody who asked until now."""
        while not self._asked.empty():
            await self._send_again(self._asked.get_nowait())

    async def _work(self) -> None:
        while True:
            await self._send_again(await self._asked.get())

    async def _purge(self) -> None:
        while True:
            try:
                await self._store.purge(self._clock.now_ms())
            except Unavailable as error:
                log.warning("registrations_not_purged", error=str(error))
            await asyncio.sleep(_PURGE_S)

    async def _send_again(self, email: str) -> None:
        try:
            known = await self._parts.users.credentials(email)
            if known is not None:
                if known.user.verified_at is None:
                    await self._ask_for_proof(known.user)
                return
            pending = await self._store.latest(email, self._clock.now_ms())
            if pending is not None:
                post = self._needs_post()
                await self._add(post, email, pending.handle, pending.password_hash)
        except Unavailable as error:
            log.warning("verification_not_sent", error=str(error))

    async def _add(self, post: AddressPost, email: str, handle: str, hashed: str) -> Asked:
        token, now_ms = new_token(), self._clock.now_ms()
        pending = Pending(digest_of(token), email, handle, hashed, now_ms, now_ms + LIFE_MS)
        asked = await self._store.add(pending, post.join(email, handle, token))
        if asked is not Asked.STORED:
            log.warning("registration_bounded", why=asked.value)
        return asked

    async def _ask_for_proof(self, user: User) -> None:
        """Send a link to a person; that it cannot be sent now is logged: they ask again."""
        if self._parts.post is None or user.email.endswith(_NOBODY_READS):
            return
        token, now_ms = new_token(), self._clock.now_ms()
        link = AddressLink(digest_of(token), user.user_id, user.email, "", now_ms, now_ms + LIFE_MS)
        sealed = self._parts.post.proof(user.user_id, user.email, user.handle, token)
        try:
            asked = await self._store.add_proof(link, sealed)
        except Unavailable as error:
            log.warning("verification_not_sent", user_id=user.user_id, error=str(error))
        else:
            if asked is not Asked.STORED:
                log.warning("verification_bounded", user_id=user.user_id, why=asked.value)

    async def _open(self, user: User) -> User:
        """Open the account; if the engine is away, it is opened as soon as it can be."""
        try:
            account_id = await self._parts.opener.open_new(
                Opening(user.account_id, FEE_TIER, user.created_at)
            )
        except (Unavailable, OutcomeUnknown, OpeningRefused) as error:
            log.warning("account_opens_later", account_id=user.account_id, error=str(error))
            return user
        return msgspec.structs.replace(user, account_id=account_id)

    def _needs_post(self) -> AddressPost:
        if self._parts.post is None:
            raise Unavailable("This exchange sends no mails, so nobody can register")
        return self._parts.post
