"""Why the user service says no. Messages are written for the person who reads them."""

from cse.core.errors import CseError, Unavailable


class InvalidField(CseError):
    """A field's value cannot be accepted; nothing was changed."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field; `reason` continues the sentence "The field ..."."""
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class EmailTaken(CseError):
    """Somebody has registered with this e-mail address."""

    def __init__(self) -> None:
        super().__init__("This e-mail address is already registered.")


class HandleTaken(CseError):
    """Somebody has this handle (handles that differ only in case are the same)."""

    def __init__(self) -> None:
        super().__init__("This handle is already taken.")


class WrongCredentials(CseError):
    """The e-mail address is unknown or the password is wrong; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class TooManyAttempts(CseError):
    """This address has been tried too often lately."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("There were too many failed attempts to log in; please wait.")
        self.retry_after_ms = retry_after_ms


class InvalidToken(CseError):
    """An access token or refresh token that is not, or no longer, good for anything.

    `code` tells clients what to do: `token_expired` (refresh), anything else (log in again).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Overloaded(Unavailable):
    """More passwords are waiting to be checked than this process will queue; try again shortly."""

    def __init__(self) -> None:
        super().__init__("Too many people are logging in right now; please try again in a moment.")


class UnknownUser(CseError):
    """The person of a token is not in this database (any more): it was put back from an older copy."""

    def __init__(self) -> None:
        super().__init__("This person is not known here; log in again.")


class UnknownAccount(CseError):
    """The person has no such account; whether somebody else has is not told."""

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class TooManyKeys(CseError):
    """The account has as many API keys as one may have; expired ones count until they are deleted."""

    def __init__(self, most: int) -> None:
        super().__init__(f"There can be {most} API keys; delete one that is not needed any more.")


class TooManyNewKeys(CseError):
    """The person has made as many API keys as one may make in a day, deleted ones included."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Only {most} API keys can be made within 24 hours.")


class KeyKnown(CseError):
    """The person has, or had, an API key with this public key: each is good for one."""

    def __init__(self) -> None:
        super().__init__("There is or was an API key with this public key; make a new key pair.")


class DamagedKeys(CseError):
    """The key ring cannot be used: not readable, not ours, or readable by others."""


class RotationRuns(CseError):
    """A key was rotated a while ago and what it had before is still good: one rotation at a time."""

    def __init__(self, until_ms: int) -> None:
        super().__init__(
            f"The last rotation's overlap runs until {until_ms} (Unix ms); delete the key if it leaked."
        )
        self.until_ms = until_ms


class KeyOver(CseError):
    """The API key is revoked or has expired: nothing of it can be changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class AccountNotOpen(CseError):
    """The password was right, but the account is frozen or closed; `code` says which of the two."""

    def __init__(self, code: str) -> None:
        state = "frozen" if code == "account_frozen" else "closed"
        super().__init__(f"This account is {state}; please write to support.")
        self.code = code
