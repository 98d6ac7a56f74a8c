"""What the user service keeps of a person. Times are Unix milliseconds."""

from typing import ClassVar, Final

import msgspec

ALL_SCOPES: Final = frozenset({"read", "trade", "withdraw"})
"""What a person who logged in may do; an API key has some of them."""

ED25519: Final = "ed25519"
"""The kind of API key whose holder signs with an Ed25519 key (RFC 8032) that never leaves them."""

HMAC: Final = "hmac-sha256"
"""The kind of API key whose holder and we share a secret (RFC 2104); ours is sealed (`secret_box`)."""
KINDS: Final = frozenset({ED25519, HMAC})


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
    verified_at: int | None = None
    """When it was shown that the address is theirs; None: not yet."""


class NewUser(Guarded, frozen=True):
    """A registration that passed all checks but the store's own: that it is the only one."""

    email: str
    handle: str
    handle_key: str
    """The handle in lower case."""
    password_hash: str
    fee_tier: int
    created_at: int
    verified_at: int | None = None


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
    ends_at: int
    """When it ends however much it is used; `expires_at` is never later."""
    began_from: str = ""
    """Client address of the log-in; empty: a Unix socket."""
    user_agent: str = ""
    """What the client of the log-in said that it is: printable, at most 256 characters, nothing to believe."""


class SeenSession(Session, frozen=True, kw_only=True):
    """A session and its last use, which is noted once a minute at most."""

    used_at: int
    used_from: str


class Use(msgspec.Struct, frozen=True):
    """A session was used: when, and from which client address."""

    at_ms: int
    address: str


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
    session_seconds: int = 0
    """Seconds until the session's absolute end: no refresh token of it is good for longer."""


class NewApiKey(Guarded, frozen=True):
    """An API key that passed all checks but the store's own: not too many, not there already."""

    key_id: str
    """32 hexadecimal digits, random. It is public: programs name themselves by it."""
    user_id: int
    name: str
    """What its owner calls it."""
    kind: str
    public_key: bytes | None
    """Of Ed25519: 32 bytes (RFC 8032); None for kinds that have none."""
    scopes: frozenset[str]
    ip_allowlist: tuple[str, ...]
    """Networks such as `203.0.113.0/24` that it may be used from; empty: from anywhere."""
    created_at: int
    expires_at: int | None
    """None: it is good until it is revoked."""
    sealed_secret: bytes | None = None
    """Of HMAC: the shared secret as `SecretBox` sealed it, by the key id; None for kinds without one."""
    sub_account_id: int | None = None
    """Account id of the sub-account that it acts on; None: its owner's first account."""


class ApiKey(NewApiKey, frozen=True, kw_only=True):
    """An API key as it is stored. What is stored of an Ed25519 key cannot be used to sign."""

    number: int
    """Counts up over all keys, in the order in which they were made."""
    account_id: int
    """The one that it acts on."""
    last_used_at: int | None
    """Within a minute or so."""
    revoked_at: int | None
    old_public_key: bytes | None = None
    """What it had before its last rotation, good until `old_until`."""
    old_sealed_secret: bytes | None = None
    old_until: int | None = None


class MadeKey(Guarded, frozen=True):
    """An API key as its owner gets it, once."""

    key: ApiKey
    secret: str | None
    """Of HMAC: 64 hexadecimal digits, whose text (not the bytes they stand for) is the key of HMAC."""


class Renewal(Guarded, frozen=True):
    """What a rotation puts in the place of what a key has."""

    public_key: bytes | None
    sealed_secret: bytes | None
    at_ms: int
    old_until: int


class KeyPrincipal(msgspec.Struct, frozen=True):
    """The holder of an API key who has proved it by a signature."""

    key_id: str
    user_id: int
    account_id: int
    scopes: frozenset[str]
    expires_at: int | None
    """When what was begun with the key must end; None: not before it is revoked."""
    is_main: bool = True
    """Whether its account is its owner's first one, not a sub-account."""


class KeyRefused(msgspec.Struct, frozen=True):
    """A signature that opens nothing. `reason` is for our log only: whoever asks is told `MESSAGE`."""

    reason: str
    """`unknown`, `bad_signature`, `revoked`, `expired` or `address`."""

    MESSAGE: ClassVar[str] = (
        "The API key is not good for this: it is unknown, expired or revoked, its signature is wrong,"
        " or this address is not on its allowlist."
    )
