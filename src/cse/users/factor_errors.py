"""Why a second factor is not accepted. Messages are written for the person who reads them; no code is ever in one."""

from cse.core.errors import CseError


class FactorRequired(CseError):
    """The password was right, and the account has a second factor whose code is missing."""

    def __init__(self) -> None:
        super().__init__(
            "This account has a second factor: send its code (or a recovery code), too."
        )


class WrongFactor(CseError):
    """The code is wrong, too old or too new, or was used before; which of these is not told."""

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong, has run out or was used before; wait for the next one."
        )


class WrongProof(CseError):
    """Somebody who is logged in could not prove who they are: password or code missing, wrong or used before."""

    def __init__(
        self, message: str = "The password or the code is wrong, or was used before."
    ) -> None:
        super().__init__(message)


class TotpActive(CseError):
    """There is an authenticator already; it is disabled first."""

    def __init__(self) -> None:
        super().__init__(
            "This account has an authenticator; disable it before you enrol another one."
        )


class NoTotp(CseError):
    """There is no authenticator that this could be about."""

    def __init__(self) -> None:
        super().__init__("This account has no authenticator (waiting) for this.")


class StepUpRequired(CseError):
    """The session has not proved lately who is using it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
