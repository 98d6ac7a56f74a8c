"""A person who forgot their password gets a link by mail and sets a new one with it.

Asking is answered before anybody looks whether the address is registered, so neither the answer nor its time tells.
A link's token is 32 random bytes; the database has its SHA-256 only, and the letter sealed.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.audit import NOBODY, Act, AuditAct, origin, user_actor
from cse.users.errors import InvalidField, Overloaded
from cse.users.identity import check_new_password, normalise_email, parse_handle
from cse.users.mail import MailSender, letter, seal_letter
from cse.users.model import User
from cse.users.passwords import PasswordHasher
from cse.users.ports import UserStore
from cse.users.secret_box import SecretBox
from cse.users.session_list import SessionList

LIFE_MS: Final = 30 * 60_000
"""How long a link is good."""
WINDOW_MS: Final = 60 * 60_000
PER_WINDOW: Final = 3
"""Letters with links that one person gets within an hour, whoever asks."""
_WAITING: Final = 1_000
_ASKED: Final = """Somebody, probably you, asked for a new password at CS Exchange.

{link}

This is good once and for 30 minutes. If it was not you, do nothing: your password stays as it is.
"""
_DONE: Final = """Your password at CS Exchange was set anew by a link that was sent to this address.
All sessions were ended; API keys are as they were.

If it was not you, somebody reads your mail: secure it first, then ask for a new password.
"""

log = structlog.get_logger(__name__)


class WrongResetToken(InvalidField):
    """The token is none of ours, was used, or has run out: told alike."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("token", "is not good, was used or has run out; ask for another")


class ResetLink(NamedTuple):
    """A link as the database has it."""

    digest: bytes
    user_id: int
    created_at: int
    expires_at: int


class NewPassword(NamedTuple):
    """What a link is used for."""

    digest: bytes
    user_id: int
    password_hash: str
    at_ms: int


class ResetStore(Protocol):
    """Where links are. Everything raises `Unavailable` while the database is out of reach."""

    async def add(self, link: ResetLink, email: str, sealed: bytes, act: AuditAct) -> bool:
        """Keep a link, put its letter (to `email`) into the outbox and record the act, all or nothing.

        False: the person got PER_WINDOW within WINDOW_MS, the outbox is full, or the address is theirs no more;
        nothing was done.
        """
        ...

    async def owner(self, digest: bytes, now_ms: int) -> int | None:
        """Return whose link it is, if it is good."""
        ...

    async def use(self, new: NewPassword, sealed: bytes, act: AuditAct) -> bool:
        """Set the password, end all links of the person, put the notice into the outbox, record the act.

        False: the link is not good (any more), or not theirs; nothing was done.
        """
        ...


class LinkPost(NamedTuple):
    """How links get to people."""

    sender: MailSender
    box: SecretBox
    link: Callable[[str], str]
    """Turns a token into what stands in the letter."""


class _Asked(NamedTuple):
    email: str
    ip: str


class PasswordReset:
    """Sends links, and sets passwords for those who bring one."""

    def __init__(
        self,
        users: UserStore,
        store: ResetStore,
        hasher: PasswordHasher,
        sessions: SessionList,
        clock: Clock,
        post: LinkPost,
    ) -> None:
        """Use these. Keep `run` running."""
        self._users = users
        self._store = store
        self._hasher = hasher
        self._sessions = sessions
        self._clock = clock
        self._sender, self._box, self._link = post
        self._asked: asyncio.Queue[_Asked] = asyncio.Queue(_WAITING)

    def ask(self, email: str) -> None:
        """Send a link to this address if somebody registered with it; returns before anybody looks.

        What waits here is lost when the process ends: people ask again.

        Raises:
            InvalidField: it cannot be an address.
            Overloaded: too many are waiting.
        """
        try:
            self._asked.put_nowait(_Asked(normalise_email(email), origin.get().ip))
        except asyncio.QueueFull:
            raise Overloaded from None

    async def confirm(self, token: str, password: str) -> None:
        """Set a new password; all sessions and all other links of the person end.

        Raises:
            WrongResetToken: the token is not good.
            InvalidField: the password cannot be accepted; the token stays good.
            Overloaded: too many passwords are waiting; the token stays good.
            Unavailable: the database is out of reach; the token stays good.
        """
        digest = _digest(token)
        user_id = await self._store.owner(digest, self._clock.now_ms())
        known = None if user_id is None else await self._users.credentials_of(user_id)
        if known is None:
            raise WrongResetToken
        user = known.user
        handle = parse_handle(user.handle)
        hashed = await self._hasher.hash(
            check_new_password(password, email=user.email, handle=handle)
        )
        notice = letter(user.email, "Your password was set anew", _DONE)
        person = user_actor(user.user_id)
        new = NewPassword(digest, user.user_id, hashed, self._clock.now_ms())
        act = AuditAct(act=Act.PASSWORD_RESET, actor=person, object=person)
        # As in cse.users.password_change: ended before, for a crash in between; and after, for log-ins under way.
        await self._sessions.end_others(user.user_id, None, reason="password_reset")
        if not await self._store.use(new, seal_letter(self._box, user.user_id, notice), act):
            raise WrongResetToken
        await self._sessions.sweep_others(user.user_id, None)

    async def run(self) -> None:
        """Answer who asked, and send letters, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sender.run())
            tasks.create_task(self._work())

    async def work_off(self) -> None:
        """Look after everybody who asked until now."""
        while not self._asked.empty():
            await self._send_link(self._asked.get_nowait())

    async def _work(self) -> None:
        while True:
            await self._send_link(await self._asked.get())

    async def _send_link(self, asked: _Asked) -> None:
        try:
            known = await self._users.credentials(asked.email)
            if known is not None:
                await self._add_link(known.user, asked.ip)
        except Unavailable as error:
            log.warning("password_reset_not_sent", error=str(error))

    async def _add_link(self, user: User, ip: str) -> None:
        token = secrets.token_urlsafe(32)
        text = _ASKED.format(link=self._link(token))
        sealed = seal_letter(self._box, user.user_id, letter(user.email, "A new password", text))
        now = self._clock.now_ms()
        link = ResetLink(_digest(token), user.user_id, now, now + LIFE_MS)
        person = user_actor(user.user_id)
        act = AuditAct(act=Act.PASSWORD_RESET_ASKED, actor=NOBODY, object=person, ip=ip)
        if not await self._store.add(link, user.email, sealed, act):
            log.warning("password_reset_throttled", user_id=user.user_id)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
