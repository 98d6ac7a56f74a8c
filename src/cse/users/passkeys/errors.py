"""Why a passkey is not accepted. What exactly was wrong stands in the log, never in an answer."""

from cse.core.errors import CseError


class PasskeyRefused(CseError):
    """It is none of ours, or not for this; `reason` is for the log and the audit trail."""

    def __init__(self, reason: str) -> None:
        super().__init__("The passkey was not accepted; ask for new options and try again.")
        self.reason = reason


class PasskeyKnown(CseError):
    """This authenticator's credential is stored already."""

    def __init__(self) -> None:
        super().__init__("This passkey is registered already.")


class TooManyPasskeys(CseError):
    """A person has as many as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} passkeys, which is the most; remove one first.")


class LastFactor(CseError):
    """Without it a password alone would let in: that takes the password, too."""

    def __init__(self) -> None:
        super().__init__(
            "It is your last second factor: send your password to"
            " POST /api/auth/passkeys/{id}/remove."
        )
