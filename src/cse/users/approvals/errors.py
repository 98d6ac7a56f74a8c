"""Why a proposal is not taken, or not let through. Messages are written for the person who reads them."""

from cse.core.errors import CseError


class ApprovalError(CseError):
    """`code` is for programs."""

    code = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class NoSuchApproval(ApprovalError):
    """There is no approval of this number."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such approval.")


class NotPending(ApprovalError):
    """It is over, or was let through already."""

    code = "approval_not_pending"

    def __init__(self, status: str) -> None:
        super().__init__(f"This approval is {status}: nothing can be said to it any more.")


class AlreadyVoted(ApprovalError):
    """One person, one vote."""

    code = "already_voted"

    def __init__(self) -> None:
        super().__init__("You have approved this already; it takes somebody else.")


class OwnProposal(ApprovalError):
    """Nobody lets through what they proposed themselves."""

    code = "own_proposal"

    def __init__(self) -> None:
        super().__init__(
            "You proposed this yourself: a second person decides (you may withdraw it)."
        )


class OwnCase(ApprovalError):
    """Nobody decides about themselves."""

    code = "own_case"

    def __init__(self) -> None:
        super().__init__("This is about yourself: others propose and decide it.")


class NotProposer(ApprovalError):
    """Only the proposer withdraws."""

    code = "not_proposer"

    def __init__(self) -> None:
        super().__init__("Only whoever proposed this can withdraw it; you may reject it.")


class MayNot(ApprovalError):
    """The permission of the act itself is missing."""

    code = "forbidden"

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission `{permission}`.")


class NoChange(ApprovalError):
    """What is wanted is so already."""

    code = "no_change"

    def __init__(self) -> None:
        super().__init__("This is so already: there is nothing to approve.")


class KeyTaken(ApprovalError):
    """The key names another proposal."""

    code = "key_conflict"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another proposal.")


class TooManyPending(ApprovalError):
    """So many proposals wait that somebody should look at them first."""

    code = "too_many_pending"

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} proposals wait already; decide some of them first.")


class ActRefused(CseError):
    """An act cannot be executed, and nothing was done; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused: {code}")
        self.code = code
