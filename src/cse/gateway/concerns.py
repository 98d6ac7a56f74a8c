"""What the gateway serves about people besides the user service itself; wiring puts it together."""

from typing import TypeVar

import msgspec

from cse.core.errors import Unavailable
from cse.portfolio.ports import PortfolioReader
from cse.projections.transfers import TransferReader
from cse.users.approvals.service import Approvals
from cse.users.identity_checks.service import IdentityChecks
from cse.users.leaving.closure import Closures
from cse.users.leaving.export import Exports
from cse.users.linked.service import LinkedIdentities
from cse.users.passkeys.desk import PasskeyDesk
from cse.users.profiles.avatars import Avatars
from cse.users.profiles.profile import Profiles
from cse.users.profiles.settings import NotificationSettings
from cse.users.registration.email_change import EmailChange
from cse.users.registration.registering import Registration
from cse.users.second_factors import SecondFactors
from cse.users.sub_accounts.service import SubAccounts
from cse.users.telling.teller import Teller

Part = TypeVar("Part")


class Concerns(msgspec.Struct):
    """One field for each; None: not served here."""

    passkeys: PasskeyDesk | None = None
    """Own passkeys, and logging in with them; None: production that names no domain."""

    approvals: Approvals | None = None
    """What staff proposes, and what others say to it."""
    second_factors: SecondFactors | None = None
    """Every kind of second factor together."""
    registration: Registration | None = None
    """How people join and prove their addresses."""
    email_change: EmailChange | None = None
    sub_accounts: SubAccounts | None = None
    """Further accounts of people, and whose they are."""
    identity_checks: IdentityChecks | None = None
    """Who people are, and what their level lets them do."""
    linked: LinkedIdentities | None = None
    """Signing in through other providers, and what is linked there."""
    transfers: TransferReader | None = None
    """What was transferred between accounts."""
    portfolio: PortfolioReader | None = None
    """What portfolios read of history."""
    profiles: Profiles | None = None
    """What people say of themselves."""
    notification_settings: NotificationSettings | None = None
    """Which letters people get."""
    avatars: Avatars | None = None
    """People's pictures."""
    closures: Closures | None = None
    """People who close their accounts."""
    exports: Exports | None = None
    """People who take their data along."""
    teller: Teller | None = None
    """Tells people what was done with their accounts."""


def served(part: Part | None) -> Part:
    """Return a concern that is served here.

    Raises:
        Unavailable: it is not.
    """
    if part is None:
        raise Unavailable("This is not served here.")
    return part
