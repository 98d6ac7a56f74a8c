"""Registration at once, as the sandbox has it, for tests that need people and no letters."""

from cse.users.accounts import AccountOpener
from cse.users.assembly import Assembled
from cse.users.model import NewUser, User
from cse.users.registration.model import AddressLink, Asked, Pending, Sealed
from cse.users.registration.registering import Registration, RegistrationParts


class NothingWaits:
    """A RegistrationStore in which no link was ever kept."""

    async def is_handle_taken(self, handle_key: str) -> bool:
        return False

    async def add(self, pending: Pending, letters: Sealed) -> Asked:
        return Asked.FULL

    async def pending(self, digest: bytes, now_ms: int) -> Pending | None:
        return None

    async def latest(self, email: str, now_ms: int) -> Pending | None:
        return None

    async def admit(self, digest: bytes, new: NewUser) -> User | None:
        return None

    async def add_proof(self, link: AddressLink, sealed: bytes) -> Asked:
        return Asked.FULL

    async def prove(self, digest: bytes, at_ms: int) -> User | None:
        return None

    async def purge(self, before_ms: int) -> int:
        return 0


def registration_at_once(assembled: Assembled) -> Registration:
    """Everybody joins at once; nobody gets letters."""
    core, service = assembled.core, assembled.service
    return Registration(
        RegistrationParts(
            users=core.users,
            store=NothingWaits(),
            hasher=core.hasher,
            cache=core.cache,
            clock=core.clock,
            opener=AccountOpener(core.users, core.queue, core.clock),
            at_once=service.register,
            require_open=service.require_open,
            post=None,
            verify_first=False,
        )
    )
