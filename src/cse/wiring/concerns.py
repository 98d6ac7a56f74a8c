"""The concerns of people that are put together apart from the user service: one function each, in its own file."""

from cse.adapters.sql.portfolio import SqlPortfolioReader
from cse.gateway.concerns import Concerns
from cse.wiring.approvals import approvals, second_factors
from cse.wiring.ground import Ground
from cse.wiring.identity_checks import identity_checks
from cse.wiring.linked import linked_identities
from cse.wiring.passkeys import passkeys
from cse.wiring.profiles import profile_parts
from cse.wiring.registration import addresses
from cse.wiring.sub_accounts import sub_accounts, transfers

__all__ = ["Ground", "concerns"]


def concerns(ground: Ground) -> Concerns:
    """Return every concern that is served with these settings."""
    registration, email_change = addresses(ground)
    accounts = sub_accounts(ground)
    profiles = profile_parts(ground)
    return Concerns(
        passkeys=passkeys(ground),
        identity_checks=identity_checks(ground, accounts),
        approvals=approvals(ground),
        second_factors=second_factors(ground.core),
        linked=linked_identities(ground),
        registration=registration,
        email_change=email_change,
        sub_accounts=accounts,
        transfers=transfers(ground),
        portfolio=SqlPortfolioReader(ground.engine),
        **profiles._asdict(),
    )
