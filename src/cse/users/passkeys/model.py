"""What passkeys are made of. Nothing here is secret: the private key never leaves its authenticator."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from cse.users.model import Guarded


class Passkey(msgspec.Struct, frozen=True):
    """A passkey as it is stored. Times are Unix milliseconds."""

    passkey_id: str
    """32 hexadecimal digits, random: what its owner names it by."""
    user_id: int
    credential_id: bytes
    """What authenticators name it by; at most 1,023 bytes (WebAuthn 2, 4)."""
    public_key: bytes
    """COSE_Key (RFC 9052, 7)."""
    handle: bytes
    """What authenticators name its owner by: random, the same for all passkeys of a person."""
    label: str
    """What its owner calls it."""
    sign_count: int
    """The highest counter that was seen; 0: the authenticator does not count."""
    transports: tuple[str, ...]
    """How a browser reaches the authenticator, such as `internal`; a hint."""
    backed_up: bool
    """Whether copies of it lie elsewhere, such as in the account of a phone's maker."""
    created_at: int
    last_used_at: int | None = None


class Attestation(msgspec.Struct, frozen=True):
    """What a browser returns of a passkey that was made: the bytes of AuthenticatorAttestationResponse."""

    credential_id: bytes
    client_data: bytes
    attestation_object: bytes
    transports: tuple[str, ...] = ()


class Assertion(Guarded, frozen=True):
    """What a browser returns of a passkey that was used: the bytes of AuthenticatorAssertionResponse."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None = None


class Purpose(StrEnum):
    """What a challenge is for; it is good for nothing else."""

    REGISTER = "register"
    LOG_IN = "log_in"
    """Without a password, nobody named."""
    SECOND_FACTOR = "second_factor"
    """After the password of this person was right."""
    STEP_UP = "step_up"
    """In this session of this person."""


class Use(NamedTuple):
    """What an answer to a challenge is to do, and for whom."""

    purpose: Purpose
    user_id: int = 0
    """0: whoever it belongs to."""
    session_id: str = ""


class RelyingParty(NamedTuple):
    """The exchange as authenticators know it."""

    rp_id: str
    """A domain; passkeys are made for it and for nothing else."""
    origins: tuple[str, ...]
    """Pages that may use them, such as `https://exchange.example`. A port `*` stands for any."""
    name: str = "CS Exchange"

    def accepts(self, origin: str) -> bool:
        """Return whether a browser's page of this origin may use passkeys here."""
        if origin in self.origins:
            return "*" not in origin
        host, _, port = origin.rpartition(":")
        return port.isascii() and port.isdigit() and len(port) <= 5 and f"{host}:*" in self.origins
