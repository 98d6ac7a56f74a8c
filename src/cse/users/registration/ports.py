"""Where addresses wait for their proof: one port, one contract suite (tests/contract/test_registration_store.py)."""

from typing import Protocol

from cse.users.audit import AuditAct
from cse.users.model import NewUser, User
from cse.users.registration.model import AddressLink, Asked, Change, Pending, Sealed


class RegistrationStore(Protocol):
    """Every method is one transaction, and raises `Unavailable` while the database is out of reach.

    Letters are put into the outbox in the transaction of what causes them, acts are recorded in that of the act.
    """

    async def is_handle_taken(self, handle_key: str) -> bool:
        """Return whether somebody has the handle (in lower case)."""
        ...

    async def add(self, pending: Pending, letters: Sealed) -> Asked:
        """Keep a registration and put one letter into the outbox.

        If the address is somebody's, what is kept is a row that no token fits, and the letter tells its owner:
        the same statements either way. BOUNDED after PER_WINDOW letters to the address within WINDOW_MS.
        """
        ...

    async def pending(self, digest: bytes, now_ms: int) -> Pending | None:
        """Return the registration of a link that is good."""
        ...

    async def latest(self, email: str, now_ms: int) -> Pending | None:
        """Return the newest registration of an address that has not run out."""
        ...

    async def admit(self, digest: bytes, new: NewUser) -> User | None:
        """Use a link: store the user, drop all registrations and links of the address, record the acts.

        None: the link is not good (any more).

        Raises:
            cse.users.errors.EmailTaken: the address became somebody's; the link stays.
            cse.users.errors.HandleTaken: the handle became somebody's; the link stays.
        """
        ...

    async def add_proof(self, link: AddressLink, sealed: bytes) -> Asked:
        """Keep a link to the address that a person has, and put its letter into the outbox; bounded as `add`."""
        ...

    async def prove(self, digest: bytes, at_ms: int) -> User | None:
        """Use a link of `add_proof`: note when the address was proved, record it; None: it is not good."""
        ...

    async def purge(self, before_ms: int) -> int:
        """Delete what ran out before then; return how many rows."""
        ...


class EmailChangeStore(Protocol):
    """Changes of address that wait for their proof; transactions, letters, records and errors as above."""

    async def add_change(
        self, link: AddressLink, letters: Sealed, notice: bytes, act: AuditAct
    ) -> Asked:
        """Keep a link that changes the address; one letter goes to the new one, `notice` to the person's old one.

        If the new address is somebody's, or had its letters for this hour, what is kept is a row that no token
        fits; its owner, if any, is told. TOO_MANY after PER_WINDOW changes of the person within WINDOW_MS.
        """
        ...

    async def change(self, digest: bytes, now_ms: int) -> Change | None:
        """Return what a link changes, if it is good and the session that asked for it has not ended."""
        ...

    async def apply_change(
        self, digest: bytes, at_ms: int, notices: tuple[bytes, bytes], act: AuditAct
    ) -> bool:
        """Use such a link: the address is the new one, and proved.

        All other links of the person (password resets too) and all registrations of the address end; both notices
        go into the outbox. False: the link is not good (any more), nothing was done.

        Raises:
            cse.users.errors.EmailTaken: the address became somebody's; nothing was done.
        """
        ...
