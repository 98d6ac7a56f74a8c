"""The concerns of people that are put together apart from the user service: one function each, in its own file."""

from cse.gateway.concerns import Concerns
from cse.wiring.ground import Ground
from cse.wiring.registration import addresses
from cse.wiring.sub_accounts import sub_accounts, transfers

__all__ = ["Ground", "concerns"]


def concerns(ground: Ground) -> Concerns:
    """Return every concern that is served with these settings."""
    registration, email_change = addresses(ground)
    return Concerns(
        registration=registration,
        email_change=email_change,
        sub_accounts=sub_accounts(ground),
        transfers=transfers(ground),
    )
