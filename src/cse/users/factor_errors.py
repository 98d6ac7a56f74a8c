"""Why a second factor is not accepted. Messages are written for the person who reads them; no code is ever in one."""

from collections.abc import Mapping, Sequence
from typing import Any

from cse.core.errors import CseError


class FactorRequired(CseError):
    """The password was right, and the account has a second factor that was not shown."""

    def __init__(
        self, kinds: Sequence[str] = (), passkey_options: Mapping[str, Any] | None = None
    ) -> None:
        """Tell which kinds the account has; of a passkey also what the browser makes its assertion of."""
        super().__init__("This account has a second factor: show it (or a recovery code), too.")
        self.kinds = tuple(kinds)
        self.passkey_options = passkey_options


class WrongFactor(CseError):
    """The code is wrong, too old or too new, or was used before; which of these is not told."""

    def __init__(self) -> None:
        super().__init__(
            "The code or passkey is wrong, has run out or was used before; wait for the next one."
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

    def __init__(
        self, message: str = "This account has no authenticator (waiting) for this."
    ) -> None:
        super().__init__(message)


class StepUpRequired(CseError):
    """The session has not proved lately who is using it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
