"""Finding people, for those whose work it is."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A registered person as staff sees them."""

    user_id: int
    email: str
    handle: str
    account_id: int
    created_at: int
    roles: list[str]
    """Besides `user`, in alphabetical order."""
    verified_at: int | None = None
    """When they proved their e-mail address; None: they have not."""


class PeopleSearch(msgspec.Struct, frozen=True):
    """Whom to find; what is None does not count. Text matches beginnings, in whatever case."""

    email: str | None = None
    handle: str | None = None
    account_id: int | None = None
    user_id: int | None = None


class PeopleReader(Protocol):
    """Reads people. Raises cse.core.errors.Unavailable while the database is out of reach."""

    async def find(self, wanted: PeopleSearch, *, after: int, limit: int) -> Sequence[Person]:
        """Return people by rising user id, from above `after` on."""
        ...
