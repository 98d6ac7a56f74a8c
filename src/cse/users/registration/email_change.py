"""A person changes their e-mail address: the new one is proved by a link, both are told.

The link is good as long as the session that asked for it goes on: whoever finds out by the notice that somebody else
asked changes the password, which ends that session and with it the change.
"""

from typing import NamedTuple

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.errors import InvalidField, Overloaded
from cse.users.identity import normalise_email
from cse.users.model import User
from cse.users.ports import UserStore
from cse.users.registration.model import (
    LIFE_MS,
    AddressLink,
    Asked,
    TooManyLetters,
    WrongLink,
    digest_of,
    masked,
    new_token,
)
from cse.users.registration.ports import EmailChangeStore
from cse.users.registration.post import AddressPost
from cse.users.registration.verified import person_of
from cse.users.session_list import SessionList


class EmailChangeParts(NamedTuple):
    """What changes of addresses are made of."""

    users: UserStore
    store: EmailChangeStore
    sessions: SessionList
    clock: Clock
    post: AddressPost | None
    """None: no letters are sent here, and no address can be changed."""


class EmailChange:
    """Sends the link, and changes the address for who brings it."""

    def __init__(self, parts: EmailChangeParts) -> None:
        """Use these."""
        self._users, self._store, self._sessions, self._clock, self._post = parts

    async def ask(self, user_id: int, session_id: str, email: str) -> None:
        """Send a link to the new address and a notice to the old one. Whose the new one is is not told.

        Raises:
            InvalidField: it is no address, or the one that the person has.
            TooManyLetters: the person asked three times within an hour.
            UnknownUser: the person is gone.
            Unavailable: the database is out of reach, or no letters are sent here; nothing was done.
        """
        post, new = self._needs_post(), normalise_email(email)
        user = await person_of(self._users, user_id)
        if new == user.email:
            raise InvalidField("email", "is your address already")
        token, now_ms = new_token(), self._clock.now_ms()
        link = AddressLink(digest_of(token), user_id, new, session_id, now_ms, now_ms + LIFE_MS)
        asked = await self._store.add_change(
            link,
            post.change(new, token),
            post.change_asked(user_id, user.email, new),
            _act(Act.EMAIL_CHANGE_ASKED, user_id, user.email, new),
        )
        if asked is Asked.TOO_MANY:
            raise TooManyLetters
        if asked is Asked.FULL:
            raise Overloaded

    async def confirm(self, token: str) -> User:
        """Change the address by a link's token; all other links and sessions of the person end.

        Raises:
            WrongLink: the token is not good.
            EmailTaken: the address became somebody's since; whoever has the link reads its mails.
            Unavailable: the database is out of reach; the token stays good.
        """
        post, digest = self._needs_post(), digest_of(token)
        change = await self._store.change(digest, self._clock.now_ms())
        if change is None:
            raise WrongLink
        user_id, keep = change.user_id, change.session_id
        # As in cse.users.password_change: ended before, for a crash in between; and after, for log-ins under way.
        await self._sessions.end_others(user_id, keep, reason="email_changed")
        done = await self._store.apply_change(
            digest,
            self._clock.now_ms(),
            post.changed(user_id, change.old, change.new),
            _act(Act.EMAIL_CHANGED, user_id, change.old, change.new),
        )
        if not done:
            raise WrongLink
        await self._sessions.sweep_others(user_id, keep)
        return await person_of(self._users, user_id)

    def _needs_post(self) -> AddressPost:
        if self._post is None:
            raise Unavailable("This exchange sends no mails, so no address can be changed")
        return self._post


def _act(act: Act, user_id: int, old: str, new: str) -> AuditAct:
    """Return the record; addresses are masked, since it is never deleted."""
    person = user_actor(user_id)
    return AuditAct(
        act=act,
        actor=person,
        object=person,
        before={"email": masked(old)},
        after={"email": masked(new)},
    )
