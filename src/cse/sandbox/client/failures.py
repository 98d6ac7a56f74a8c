"""How a call can fail, seen from the client's side."""

from cse.core.errors import CseError


class Refused(CseError):
    """The exchange said no (4xx). Nothing was done; the same again gives the same answer."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        """Hold what the problem document said."""
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


class NoAnswer(CseError):
    """The connection broke, or a 5xx came: what was asked may or may not have been done."""


class GaveUp(CseError):
    """The exchange did not answer for as long as this client is patient."""
