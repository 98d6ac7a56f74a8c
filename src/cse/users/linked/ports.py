"""Ports of linked identities: where they are stored, and the providers. One contract suite each."""

from collections.abc import Sequence
from typing import Protocol

from cse.users.audit import AuditAct
from cse.users.linked.model import Identity, Proven, ProviderName
from cse.users.model import Guarded, NewUser, User


class LinkedStore(Protocol):
    """Identities. Every method is one transaction and raises Unavailable while the database is out of reach."""

    async def owner(self, provider: ProviderName, subject: str) -> Identity | None:
        """Return the identity, if it is somebody's."""
        ...

    async def link(self, user_id: int, proven: Proven, at_ms: int, act: AuditAct) -> Identity:
        """Link it to a person, with the record; to their own once more only freshens names.

        Raises:
            cse.users.linked.errors.IdentityTaken: it is somebody else's.
            cse.users.linked.errors.TooManyIdentities: they have MAX_PER_PERSON.
            cse.users.errors.UnknownUser: there is no such person.
        """
        ...

    async def join(self, new: NewUser, proven: Proven, at_ms: int) -> User:
        """Store a person with this identity, and the records of both: all or nothing.

        Raises:
            cse.users.linked.errors.IdentityTaken: it is somebody's by now.
            cse.users.errors.EmailTaken, cse.users.errors.HandleTaken: somebody has it.
        """
        ...

    async def seen(self, identity_id: int, proven: Proven, at_ms: int) -> bool:
        """Note a sign-in, with what the provider says of names now; False: it is linked no more."""
        ...

    async def identities(
        self, user_id: int, *, before: int | None, limit: int
    ) -> Sequence[Identity]:
        """Return a person's identities, newest first, from below an `identity_id` on."""
        ...

    async def unlink(self, user_id: int, identity_id: int, at_ms: int, act: AuditAct) -> bool:
        """Forget one, with the record; False: there is none, or it is not theirs.

        Raises:
            cse.users.linked.errors.LastWayIn: they have neither a password nor another one.
        """
        ...


class Attempt(Guarded, frozen=True):
    """What one flow goes through the provider with."""

    state: str
    verifier: str
    """PKCE (RFC 7636): 43 random characters."""
    nonce: str
    """OpenID Connect: comes back in the id token."""
    redirect_uri: str


class Answer(Guarded, frozen=True):
    """What the provider's redirect brought."""

    code: str
    issuer: str | None = None
    """RFC 9207: who says that it was; None: it did not say."""


class IdentityProvider(Protocol):
    """A provider of identities."""

    @property
    def name(self) -> ProviderName:
        """Which it is."""
        ...

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where the person goes to.

        Raises:
            ProviderRefused: it describes itself in a way that we do not believe.
            Unavailable: it has to be asked first, and does not answer.
        """
        ...

    async def identify(self, attempt: Attempt, answer: Answer) -> Proven:
        """Use the code up and return who its person is.

        Raises:
            ProviderRefused: the code is not good, or the answer is not to be believed.
            Unavailable: the provider does not answer, or not within its time.
        """
        ...
