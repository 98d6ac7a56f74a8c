"""Saying who we are: with a token that the application brings, again when it has run out."""

from enum import Enum
from typing import Final

from cse_sdk.backoff import Chance, pause_ms
from cse_sdk.options import Options


class Stage(Enum):
    """How far the log-in of the present connection is."""

    OUT = "out"
    ASKED = "asked"
    """The application was asked for a token."""
    SENT = "sent"
    IN = "in"
    PAUSE = "pause"
    """The last token was refused, or there was none."""


class Login:
    """Tokens and their ends. It decides; protocol.py sends."""

    def __init__(self, options: Options, chance: Chance) -> None:
        """Begin without a token."""
        self.stage = Stage.OUT
        self.token: str | None = None
        self.due_ms: int | None = None
        self._options: Final = options
        self._chance: Final = chance
        self._attempts = 0

    def disconnected(self) -> None:
        """Begin anew, with the token that we have."""
        if self.stage is not Stage.ASKED:
            self.stage = Stage.OUT
        self.due_ms = None

    def is_due(self, now_ms: int) -> bool:
        """Return whether to log in now: nobody is asked, no pause is on, and we are not in."""
        if self.due_ms is not None and now_ms >= self.due_ms:
            self.due_ms, self.stage = None, Stage.OUT
        return self.stage is Stage.OUT

    def expired(self) -> None:
        """Note that the token is no good any more."""
        if self.stage in {Stage.SENT, Stage.IN}:
            self.token, self.stage = None, Stage.OUT

    def came(self, token: str | None, now_ms: int) -> None:
        """Take the application's answer; None: it has no token now."""
        self.token = token
        if token is None:
            self.refused(now_ms)
        else:
            self.stage = Stage.OUT

    def refused(self, now_ms: int) -> None:
        """Ask for another token after a pause."""
        first, longest = self._options.first_pause_ms, self._options.longest_pause_ms
        self.token, self.stage = None, Stage.PAUSE
        self.due_ms = now_ms + pause_ms(self._attempts, first, longest, self._chance)
        self._attempts += 1

    def accepted(self) -> None:
        """Note that the exchange knows us."""
        self.stage = Stage.IN
        self._attempts = 0
