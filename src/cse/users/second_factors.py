"""All kinds of second factors together: who has which, and support's way out for whoever has lost them.

Each kind is one entry; whoever adds a kind (`SecondFactors.add`) adds it to what staff needs and to what is reset.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from cse.users.factors import Factors
from cse.users.notices import Notice, Notices
from cse.users.session_list import SessionList

_TOLD: Final = Notice(
    "Your second factors were reset",
    "Support has removed the second factors (authenticator, recovery codes, passkeys) of your account, and ended all"
    " of its sessions. Log in with your password and add new ones.",
)


class FactorKind(NamedTuple):
    """One kind of second factor."""

    name: str
    """As the API tells it, such as `totp`."""
    has: Callable[[int], Awaitable[bool]]
    """Whether log-ins of this person ask for it."""
    remove: Callable[[int], Awaitable[bool]]
    """Remove all that this person has of it; harmless twice."""


class SecondFactors:
    """Which kinds there are, and what is done to all of them."""

    def __init__(self, factors: Factors, sessions: SessionList, notices: Notices) -> None:
        """Know authenticators and passkeys; others are added."""
        self._sessions = sessions
        self._notices = notices
        self._kinds = [_authenticators(factors), _passkeys(factors)]

    def add(self, kind: FactorKind) -> None:
        """Take another kind in."""
        self._kinds.append(kind)

    async def of(self, user_id: int) -> list[str]:
        """Return the names of what log-ins of this person ask for; raises Unavailable."""
        return [kind.name for kind in self._kinds if await kind.has(user_id)]

    async def reset(self, user_id: int) -> None:
        """End all sessions of a person, remove every second factor, tell them. The caller has recorded it.

        Sessions go first: whoever comes in before the factors are gone had them.

        Raises:
            Unavailable: the database is out of reach; it is done in part at most, and harmless twice.
        """
        await self._sessions.sweep_others(user_id, None)
        for kind in self._kinds:
            await kind.remove(user_id)
        await self._notices.tell(user_id, _TOLD)


def _authenticators(factors: Factors) -> FactorKind:
    async def has(user_id: int) -> bool:
        return (await factors.status(user_id)).confirmed_at is not None

    return FactorKind("totp", has, factors.reset)


def _passkeys(factors: Factors) -> FactorKind:
    async def has(user_id: int) -> bool:
        return (await factors.status(user_id)).passkeys > 0

    return FactorKind("passkey", has, factors.reset)
