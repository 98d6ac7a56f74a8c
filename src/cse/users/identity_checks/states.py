"""The states of a check, and what may follow what: one table, asked by everything that changes one."""

from collections.abc import Mapping
from typing import Final

from cse.users.identity_checks.model import Status

_S = Status
FOLLOWS: Final[Mapping[Status, frozenset[Status]]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.HELD, _S.WITHDRAWN}),
    _S.SUBMITTED: frozenset({_S.APPROVED, _S.REJECTED, _S.MORE_NEEDED, _S.HELD, _S.WITHDRAWN}),
    _S.HELD: frozenset({_S.SUBMITTED, _S.REJECTED}),
    _S.MORE_NEEDED: frozenset({_S.SUBMITTED, _S.HELD, _S.WITHDRAWN}),
    _S.APPROVED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""A held check leaves by what risk staff decide, never by its owner's will."""

OPEN: Final = frozenset(status for status, after in FOLLOWS.items() if after)
"""A person has at most one of these."""
WAITING: Final = frozenset({_S.SUBMITTED, _S.HELD})
"""They are handed in."""
WITH_THE_PERSON: Final = frozenset({_S.DRAFT, _S.MORE_NEEDED})
"""They may add documents and submit it."""
REFUSED: Final = frozenset({_S.REJECTED, _S.WITHDRAWN})
"""Its documents are deleted after a while."""


def before(status: Status) -> frozenset[Status]:
    """Return the states that this one may follow."""
    return frozenset(known for known, after in FOLLOWS.items() if status in after)
