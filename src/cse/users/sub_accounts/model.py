"""What is kept of a sub-account. Times are Unix milliseconds."""

from typing import Final, NamedTuple

import msgspec

MAX_LABEL_LENGTH: Final = 32


class SubAccount(msgspec.Struct, frozen=True):
    """An account on the exchange besides a person's first one."""

    number: int
    """Counts up over all sub-accounts, in the order in which they were made."""
    account_id: int
    """May change as long as `opened_at` is None (see UserStore.renumber_account), never afterwards."""
    user_id: int
    label: str
    """What its owner calls it: no two of a person's that are not closed have the same."""
    created_at: int
    opened_at: int | None
    """When the engine had it; None: it is about to be opened."""
    closed_at: int | None


class NewSubAccount(msgspec.Struct, frozen=True):
    """A sub-account that passed all checks but the store's own."""

    user_id: int
    label: str
    fee_tier: int
    created_at: int


class Owned(NamedTuple):
    """An opened sub-account, and whose it is."""

    account_id: int
    user_id: int


class Bounds(NamedTuple):
    """How many sub-accounts a person may have, and make."""

    at_once: int
    """Not closed ones."""
    per_day: int
    """Made in the 24 hours before, closed ones included: the engine keeps an account for good."""
