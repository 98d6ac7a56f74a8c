"""What can go wrong for a client of binary order entry."""

from cse.core.errors import CseError
from cse.messages.session import Refused, SessionError


class EntryRefused(CseError):
    """The exchange refused something; nothing of it was done, unless the code says OUTCOME_UNKNOWN."""

    def __init__(self, refused: Refused) -> None:
        """Take the message that said so."""
        super().__init__(f"{refused.code.name.lower()}: {refused.words}")
        self.code: SessionError = refused.code
        self.place: int = refused.place
        """Which command of the Submit it is about, from 0."""
        self.retry_after_ms: int = refused.retry_after_ms


class LoginFailed(EntryRefused):
    """No session."""


class SubmitRefused(EntryRefused):
    """None of the commands of a Submit was handed in."""


class ConnectionLost(CseError):
    """The connection ended. What is not answered may or may not be done: `resume` tells."""
