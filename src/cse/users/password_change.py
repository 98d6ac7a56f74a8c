"""A logged-in person changes their password; all their other sessions end with the old one.

Sessions are ended before the new hash is stored and once more after it. Before, so that a crash in between leaves no
session of a password that is good no more; after, for log-ins that were under way. A log-in looks at the hash again
when its session is stored (UserService.login), so one of the two sees the other, whichever comes first.
"""

from typing import NamedTuple

from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, AuditTrail, user_actor
from cse.users.errors import InvalidField, UnknownUser, WrongCredentials
from cse.users.identity import check_new_password, normalise_password, parse_handle
from cse.users.model import Credentials
from cse.users.passwords import PasswordHasher
from cse.users.ports import UserStore
from cse.users.refused_logins import RefusedLogIns
from cse.users.session_list import SessionList
from cse.users.throttle import LoginThrottle


class ChangedBy(NamedTuple):
    """Who changes their password, in which session, and where they are (for counting failures)."""

    user_id: int
    session_id: str
    network: str = ""


class PasswordChange:
    """Checks the old password, stores the new one, ends the other sessions."""

    def __init__(
        self,
        users: UserStore,
        hasher: PasswordHasher,
        throttle: LoginThrottle,
        sessions: SessionList,
        audit: AuditTrail,
        refused: RefusedLogIns,
    ) -> None:
        """Count failures with those of log-ins: both guess at the same password."""
        self._users = users
        self._hasher = hasher
        self._throttle = throttle
        self._sessions = sessions
        self._audit = audit
        self._refused = refused

    async def change(self, who: ChangedBy, old: str, new: str) -> None:
        """Put the new password in the place of the old one.

        Raises:
            WrongCredentials: the old password is wrong.
            InvalidField: `new_password` cannot be accepted.
            TooManyAttempts: too many failures lately, counted together with log-ins.
            UnknownUser: the person is gone.
            Overloaded: too many passwords are waiting.
            Unavailable: the database is out of reach, or the password was changed at this very moment.
        """
        known = await self._users.credentials_of(who.user_id)
        if known is None:
            raise UnknownUser
        await self._throttle.count(known.user.email, who.network)
        if not await self._hasher.verify(_as_given(old), known.password_hash):
            await self._refused.note(who.user_id, "wrong_password")
            raise WrongCredentials
        await self._throttle.forget(known.user.email, who.network)
        hashed = await self._hasher.hash(_acceptable(known, old, new))
        person = user_actor(who.user_id)
        await self._audit.record(AuditAct(act=Act.PASSWORD_CHANGED, actor=person, object=person))
        await self._sessions.end_others(who.user_id, who.session_id, reason="password_changed")
        if not await self._users.replace_password_hash(who.user_id, known.password_hash, hashed):
            raise Unavailable("The password is being changed elsewhere; try again.")
        await self._sessions.sweep_others(who.user_id, who.session_id)


def _acceptable(known: Credentials, old: str, new: str) -> str:
    """Return the new password, normalised; raises InvalidField about `new_password`."""
    user = known.user
    try:
        password = check_new_password(new, email=user.email, handle=parse_handle(user.handle))
    except InvalidField as error:
        raise InvalidField("new_password", error.reason) from error
    if password == _as_given(old):
        raise InvalidField("new_password", "must differ from the old one")
    return password


def _as_given(password: str) -> str:
    """Return it normalised; what nobody can have as a password becomes empty, and is checked like the rest."""
    try:
        return normalise_password(password)
    except InvalidField:
        return ""
