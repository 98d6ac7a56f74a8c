"""Why nothing was fetched. Messages are for our log: whoever named the URL is told no more than that it failed."""

from cse.core.errors import CseError


class TargetRefused(CseError):
    """The URL, or an address that its host has, is none that we connect to."""


class AnswerRefused(CseError):
    """What came back is none that we take: too large, of another type, encoded, or not HTTP."""
