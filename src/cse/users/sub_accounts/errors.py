"""Why something is not done with a sub-account. Messages are written for the person who reads them."""

from cse.core.errors import CseError
from cse.messages.reject_codes import REFUSALS, RejectCode


class LabelTaken(CseError):
    """Another of the person's sub-accounts has this label."""

    def __init__(self) -> None:
        super().__init__("Another of your sub-accounts has this label.")


class TooManySubAccounts(CseError):
    """The person has, or has made lately, as many as one may."""

    def __init__(self, most: int, *, lately: bool = False) -> None:
        within = " made within 24 hours" if lately else ""
        super().__init__(f"There can be {most} sub-accounts{within}; close one that is empty.")


class StatusRefused(CseError):
    """The engine does not make an account what was asked; `code` says why."""

    def __init__(self, code: RejectCode) -> None:
        super().__init__(REFUSALS[code].message)
        self.code = code
