"""Passkeys in JSON: what browsers send (`PublicKeyCredential.toJSON()`, WebAuthn level 3, 5.1), as bytes.

Fields that are not in here are let pass: browsers add theirs, and nothing reads them.
"""

import base64
import binascii
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.problems import invalid
from cse.gateway.requests import explain
from cse.gateway.schemas import TimeMs
from cse.users.model import Guarded
from cse.users.passkeys.model import Assertion, Attestation, Passkey
from cse.users.passkeys.verifying import TRANSPORTS

_B64: Final = "^[A-Za-z0-9_-]*$"
CredentialId = Annotated[str, Meta(min_length=1, max_length=1_364, pattern=_B64)]
Bytes = Annotated[str, Meta(min_length=1, max_length=16_384, pattern=_B64)]
Options = dict[str, Any]


class AttestationResponse(Guarded, frozen=True):
    """Of AuthenticatorAttestationResponse; bytes in base64url."""

    clientDataJSON: Bytes  # noqa: N815  # the standard's name
    attestationObject: Bytes  # noqa: N815  # the standard's name
    transports: Annotated[tuple[Annotated[str, Meta(max_length=32)], ...], Meta(max_length=16)] = ()


class AttestationJson(Guarded, frozen=True):
    """What `navigator.credentials.create()` gave, as its `toJSON()` says it."""

    id: CredentialId
    response: AttestationResponse
    type: Literal["public-key"]

    def parsed(self) -> Attestation:
        """Return the bytes; raises ApiProblem."""
        told = self.response
        return Attestation(
            credential_id=_bytes("id", self.id),
            client_data=_bytes("clientDataJSON", told.clientDataJSON),
            attestation_object=_bytes("attestationObject", told.attestationObject),
            transports=tuple(sorted(TRANSPORTS.intersection(told.transports))),
        )


class AssertionResponse(Guarded, frozen=True):
    """Of AuthenticatorAssertionResponse; bytes in base64url."""

    clientDataJSON: Bytes  # noqa: N815  # the standard's name
    authenticatorData: Bytes  # noqa: N815  # the standard's name
    signature: Bytes
    userHandle: Annotated[str, Meta(max_length=128, pattern=_B64)] | None = None  # noqa: N815  # the standard's name


class AssertionJson(Guarded, frozen=True):
    """What `navigator.credentials.get()` gave, as its `toJSON()` says it."""

    id: CredentialId
    response: AssertionResponse
    type: Literal["public-key"]

    def parsed(self) -> Assertion:
        """Return the bytes; raises ApiProblem."""
        told = self.response
        handle = told.userHandle
        return Assertion(
            credential_id=_bytes("id", self.id),
            client_data=_bytes("clientDataJSON", told.clientDataJSON),
            authenticator_data=_bytes("authenticatorData", told.authenticatorData),
            signature=_bytes("signature", told.signature),
            user_handle=_bytes("userHandle", handle) if handle else None,
        )


class PasskeyJson(msgspec.Struct, frozen=True):
    """A passkey, as its owner sees it."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    label: str
    created_at: TimeMs
    last_used_at: TimeMs | None
    """Null: never."""
    backed_up: bool
    """Whether its maker keeps copies of it, so that it is not lost with a device."""
    transports: list[str]


def passkey_json(passkey: Passkey) -> PasskeyJson:
    """Return a passkey as the API tells it."""
    return PasskeyJson(
        id=passkey.passkey_id,
        label=passkey.label,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        backed_up=passkey.backed_up,
        transports=list(passkey.transports),
    )


def assertion_of(raw: dict[str, Any] | None) -> Assertion | None:
    """Return the assertion in a body that FastAPI has read; raises ApiProblem."""
    if raw is None:
        return None
    try:
        return msgspec.convert(raw, AssertionJson).parsed()
    except msgspec.ValidationError as error:
        told = explain(AssertionJson, str(error))
        raise invalid({f"passkey.{name}": what for name, what in told.items()}) from error


def _bytes(field: str, text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise invalid({field: "is no base64url"}) from error
