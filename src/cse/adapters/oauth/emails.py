"""E-mail addresses that a provider vouches for."""

from cse.users.errors import InvalidField
from cse.users.identity import normalise_email


def vouched_email(email: object, verified: object) -> str | None:
    """Return the address as we store it, if the provider says that it is verified: `true` itself, nothing like it.

    None: there is none, it is not verified, or it is none that we take.
    """
    if verified is not True or not isinstance(email, str):
        return None
    try:
        return normalise_email(email)
    except InvalidField:
        return None
