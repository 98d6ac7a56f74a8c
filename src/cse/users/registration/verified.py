"""What only people may do who have shown that their e-mail address is theirs: asked in one place."""

from cse.core.errors import CseError
from cse.users.errors import UnknownUser
from cse.users.model import User
from cse.users.ports import UserStore


class NotVerified(CseError):
    """The person has not shown yet that their e-mail address is theirs."""

    def __init__(self) -> None:
        super().__init__(
            "Verify your e-mail address first: POST /api/auth/verify-email/resend sends you a link."
        )


def require_verified(user: User) -> None:
    """Return if the person's address is proved: asked before what reaches outside or lets others in.

    Raises:
        NotVerified: it is not (the gateway tells 403 `email_not_verified`).
    """
    if user.verified_at is None:
        raise NotVerified


async def person_of(users: UserStore, user_id: int) -> User:
    """Return a person, with their address and when it was proved.

    Raises:
        UnknownUser: the person is gone.
        Unavailable: the database is out of reach.
    """
    known = await users.credentials_of(user_id)
    if known is None:
        raise UnknownUser
    return known.user
