"""Why a flow through a provider is refused. Messages are for the person; none tells whose an identity is."""

from cse.core.errors import CseError


class UnknownProvider(CseError):
    """There is no such provider, or it is not configured here."""

    def __init__(self) -> None:
        super().__init__("There is no such provider here.")


class FlowRefused(CseError):
    """The state or what goes with it is not good: unknown, used, over, of another browser, session or provider."""

    def __init__(self, reason: str) -> None:
        """`reason` is for our log only: all are told alike."""
        super().__init__("This attempt is not good (any more); begin again.")
        self.reason = reason


class BindingMissing(CseError):
    """Nothing came that shows who began the flow; the state stays good for whoever did."""

    def __init__(self) -> None:
        super().__init__(
            "This was not begun here: send it on from where you began, with `binding`."
        )


class ProviderRefused(CseError):
    """The provider did not say who this is, or said it in a way that we do not believe."""

    def __init__(self, reason: str) -> None:
        """`reason` is for our log only."""
        super().__init__("The provider did not confirm who you are; begin again.")
        self.reason = reason


class IdentityTaken(CseError):
    """The identity is somebody's already."""

    def __init__(self) -> None:
        super().__init__("This identity cannot be linked to this account.")


class TooManyIdentities(CseError):
    """The person has as many as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"There can be {most} linked identities; remove one that is not needed.")


class LastWayIn(CseError):
    """Without this identity its person could not log in any more."""

    def __init__(self) -> None:
        super().__init__(
            "This is your only way to log in: set a password first, by a password reset."
        )


class HandleNeeded(CseError):
    """Nobody has this identity: a new account takes a handle."""

    def __init__(self) -> None:
        super().__init__("Nobody here has this identity: send `handle`, too, to open an account.")


class NoVerifiedEmail(CseError):
    """The provider does not vouch for an e-mail address, so no account can be opened with it."""

    def __init__(self) -> None:
        super().__init__(
            "The provider confirms no e-mail address of yours: register with one, then link this identity."
        )
