"""What the user service keeps of a person. Times are Unix milliseconds."""

from typing import Final

import msgspec

ALL_SCOPES: Final = frozenset({"read", "trade", "withdraw"})
"""What a person who logged in may do; API keys will have fewer."""


class Guarded(msgspec.Struct, frozen=True):
    """Something with a secret in it: logs and tracebacks show its name only."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class User(msgspec.Struct, frozen=True):
    """A registered person and their account on the exchange."""

    user_id: int
    email: str
    handle: str
    account_id: int
    created_at: int


class NewUser(Guarded, frozen=True):
    """A registration that passed all checks but the store's own: that it is the only one."""

    email: str
    handle: str
    handle_key: str
    """The handle in lower case."""
    password_hash: str
    fee_tier: int
    created_at: int


class Opening(msgspec.Struct, frozen=True):
    """An outbox row: an account id that was given out and whose OpenAccount is not confirmed yet."""

    account_id: int
    fee_tier: int
    created_at: int


class Credentials(Guarded, frozen=True):
    """What a log-in is checked against."""

    user: User
    password_hash: str
    opening: Opening | None
    """Its account, as long as the engine has not confirmed it."""


class Session(msgspec.Struct, frozen=True):
    """One log-in; its refresh tokens are one family."""

    session_id: str
    """32 hexadecimal digits, random."""
    user_id: int
    account_id: int
    created_at: int
    expires_at: int
    """When its newest refresh token runs out."""


class RefreshToken(msgspec.Struct, frozen=True):
    """A refresh token as it is stored: never itself, only its digest."""

    digest: bytes
    """SHA-256 of the token."""
    issued_at: int
    expires_at: int


class Claims(msgspec.Struct, frozen=True):
    """What a verified access token says."""

    user_id: int
    account_id: int
    session_id: str
    scopes: frozenset[str]
    expires_at: int


class TokenPair(Guarded, frozen=True):
    """What a log-in and a refresh give."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token is good for."""
