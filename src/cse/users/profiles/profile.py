"""A person reads and changes their profile; everybody sees a part of it under the handle."""

from functools import cache
from zoneinfo import available_timezones

from cse.core.clock import Clock
from cse.messages.wire import AccountStatus
from cse.users.account_endings import Standing
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.errors import InvalidField
from cse.users.model import User
from cse.users.ports import UserStore
from cse.users.profiles.model import LOCALES, Change, Profile, Shown
from cse.users.profiles.ports import ProfileStore
from cse.users.profiles.text import MAX_BIO, MAX_NAME, clean_line, clean_text


class Profiles:
    """Profiles of people."""

    def __init__(
        self, store: ProfileStore, users: UserStore, clock: Clock, standing: Standing
    ) -> None:
        """Use these; `standing` tells whose account is closed."""
        self._store = store
        self._users = users
        self._clock = clock
        self._standing = standing

    async def own(self, user_id: int) -> Profile:
        """Return a person's profile; raises Unavailable."""
        return await self._store.profile(user_id)

    async def user(self, user_id: int) -> User | None:
        """Return whose profile it is; raises Unavailable."""
        known = await self._users.credentials_of(user_id)
        return known.user if known is not None else None

    async def change(self, user_id: int, asked: Change) -> Profile:
        """Change what is given and return the profile as it is now.

        Raises:
            InvalidField: a value cannot be accepted; nothing was changed.
            Unavailable: the database is out of reach.
        """
        change = checked(asked)
        given = [name for name in change.__struct_fields__ if getattr(change, name) is not None]
        if not given:
            return await self._store.profile(user_id)
        person = user_actor(user_id)
        act = AuditAct(
            act=Act.PROFILE_CHANGED, actor=person, object=person, after={"fields": given}
        )
        return await self._store.change(user_id, change, act, self._clock.now_ms())

    async def shown(self, handle: str) -> Shown | None:
        """Return what everybody sees of who has this handle; None: nobody, or their account is closed.

        Raises:
            Unavailable: the database is out of reach.
        """
        found = await self._store.shown(handle.lower())
        if found is None or self._standing(found.user.account_id) is AccountStatus.CLOSED:
            return None
        return found


def checked(asked: Change) -> Change:
    """Return the change as it is stored; raises InvalidField."""
    name, bio = asked.display_name, asked.bio
    if asked.locale is not None and asked.locale not in LOCALES:
        raise InvalidField("locale", f"must be one of {', '.join(LOCALES)}")
    if asked.time_zone is not None and asked.time_zone not in time_zones():
        raise InvalidField("time_zone", "must be a name such as Europe/Vienna (IANA time zones)")
    return Change(
        None if name is None else clean_line("display_name", name, MAX_NAME),
        None if bio is None else clean_text("bio", bio, MAX_BIO),
        asked.locale,
        asked.time_zone,
    )


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA database on this machine; UTC is always there."""
    return frozenset(available_timezones() | {"UTC"})
