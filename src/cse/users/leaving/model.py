"""Closures and exports. Times are Unix milliseconds."""

from typing import Final

import msgspec

from cse.core.errors import CseError

RETENTION_MS: Final = 1_826 * 86_400_000
"""How long a closed person's name is kept: five years after the end of the business relationship, as Directive (EU)
2015/849, article 40, asks of who handles money."""
EXPORT_MS: Final = 1_800_000
"""An export that takes longer is cut off: half an hour."""
EXPORTS_PER_DAY: Final = 3
DAY_MS: Final = 86_400_000


class Obstacle(msgspec.Struct, frozen=True):
    """Why an account cannot be closed now."""

    account_id: int
    code: str
    """`open_orders`, `balance`, `held`, `frozen`, `not_open` or `role`."""
    detail: str
    """In words, such as `3 open orders` or `10.5 USDC`."""


class Closure(msgspec.Struct, frozen=True):
    """Somebody is closing, or has closed, their account."""

    user_id: int
    asked_at: int
    closed_at: int | None
    """None: it goes on by itself until it is done."""


class Export(msgspec.Struct, frozen=True):
    """An export of somebody's data that was begun."""

    export_id: str
    user_id: int
    asked_at: int
    finished_at: int | None
    """None: under way, or its process ended; after half an hour it counts as over."""
    lines: int
    """That it had when it ended."""


class NotEmpty(CseError):
    """There is still something in the person's accounts, or they still hold an office; nothing was changed."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        """Name what stands in the way."""
        what = "; ".join(f"account {each.account_id}: {each.detail}" for each in obstacles)
        super().__init__(f"The account cannot be closed yet: {what}.")
        self.obstacles = obstacles


class WrongHandle(CseError):
    """The handle that was typed is not the person's; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Type your own handle to confirm.")


class ExportRuns(CseError):
    """An export of this person's data is under way."""

    def __init__(self, until_ms: int) -> None:
        super().__init__("An export is under way; take that one, or wait until it is over.")
        self.until_ms = until_ms


class TooManyExports(CseError):
    """The person has made as many exports as one may make in a day."""

    def __init__(self, until_ms: int) -> None:
        super().__init__(f"Only {EXPORTS_PER_DAY} exports can be made within 24 hours.")
        self.until_ms = until_ms
