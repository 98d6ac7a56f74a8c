"""The one door to the `webauthn` library: options for browsers, and what browsers answer, checked.

The steps of "Registering a New Credential" and "Verifying an Authentication Assertion" (W3C WebAuthn level 2, 7.1 and
7.2) are the library's, but for three: challenges are looked up (`challenges`), origins may have any port in the
sandbox, and counters are compared where they are stored (`checking`), so that of two at once one is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cse.users.passkeys.challenges import CHALLENGE_MS
from cse.users.passkeys.errors import PasskeyRefused
from cse.users.passkeys.model import Assertion, Attestation, Passkey, RelyingParty

ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,  # Windows Hello has no other
]
"""In the order in which we like them."""
MAX_CREDENTIAL_ID: Final = 1_023
"""Bytes (WebAuthn level 2, 4: Credential ID)."""
TRANSPORTS: Final = frozenset(each.value for each in AuthenticatorTransport)
_ATTESTATIONS: Final = ("none", "packed")
_HOSTILE: Final = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What the library raises over bytes that somebody made up: not all of it is its own."""

_RSA_BITS: Final = 2_048

Options = Mapping[str, Any]
"""The JSON form of the options (WebAuthn level 3, 5.1: ...OptionsJSON)."""


class NewPerson(NamedTuple):
    """Who a passkey is made for, as authenticators show it."""

    handle: bytes
    email: str
    name: str


class Verified(NamedTuple):
    """What a passkey that was made turned out to be."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


class Signed(NamedTuple):
    """What a passkey that was used says of itself."""

    sign_count: int
    backed_up: bool


def registration_options(
    party: RelyingParty, person: NewPerson, challenge: bytes, known: Sequence[Passkey]
) -> Options:
    """Return what a browser makes a passkey with: discoverable, with user verification, not one of `known` again."""
    return options_to_json_dict(
        generate_registration_options(
            rp_id=party.rp_id,
            rp_name=party.name,
            user_id=person.handle,
            user_name=person.email,
            user_display_name=person.name,
            challenge=challenge,
            timeout=CHALLENGE_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
            supported_pub_key_algs=ALGORITHMS,
        )
    )


def assertion_options(party: RelyingParty, challenge: bytes, known: Sequence[Passkey]) -> Options:
    """Return what a browser uses a passkey with: one of `known`, or without any whichever the person chooses."""
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=party.rp_id,
            challenge=challenge,
            timeout=CHALLENGE_MS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def challenge_in(client_data: bytes) -> bytes:
    """Return the challenge that a browser says it answers; raises PasskeyRefused."""
    with _refusing("client_data"):
        challenge: bytes = parse_client_data_json(client_data).challenge
        return challenge


def verify_registration(made: Attestation, challenge: bytes, party: RelyingParty) -> Verified:
    """Check a passkey that was made for this challenge.

    Raises:
        PasskeyRefused: another origin or RP id, nobody verified, an algorithm that we do not take, or malformed.
    """
    origin = _origin(made.client_data, party)
    with _refusing("registration"):
        # Whoever is asked for no attestation sends none, or a self attestation (WebAuthn level 2, 5.1.3).
        told = parse_attestation_object(made.attestation_object)
        if told.fmt not in _ATTESTATIONS or told.att_stmt.x5c:
            raise PasskeyRefused("attestation")
        verified = verify_registration_response(
            credential=RegistrationCredential(
                id=bytes_to_base64url(made.credential_id),
                raw_id=made.credential_id,
                response=AuthenticatorAttestationResponse(
                    client_data_json=made.client_data, attestation_object=made.attestation_object
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        key = verified.credential_public_key
        _require_fit(key)
    if verified.credential_id != made.credential_id or len(made.credential_id) > MAX_CREDENTIAL_ID:
        raise PasskeyRefused("credential_id")
    return Verified(verified.credential_id, key, verified.sign_count, verified.credential_backed_up)


def _require_fit(key: bytes) -> None:
    """Require a key of its own algorithm: another one would be stored, and never verify anything."""
    told = decode_credential_public_key(key)
    public = decoded_public_key_to_cryptography(told)
    fits = {
        COSEAlgorithmIdentifier.EDDSA: isinstance(public, Ed25519PublicKey),
        COSEAlgorithmIdentifier.ECDSA_SHA_256: isinstance(public, EllipticCurvePublicKey)
        and isinstance(public.curve, SECP256R1),
        COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: isinstance(public, RSAPublicKey)
        and public.key_size >= _RSA_BITS,
    }
    if not fits.get(told.alg, False):
        raise PasskeyRefused("algorithm")


def verify_assertion(
    used: Assertion, passkey: Passkey, challenge: bytes, party: RelyingParty
) -> Signed:
    """Check that this passkey has signed this challenge; its counter is told, not compared.

    Raises:
        PasskeyRefused: another origin or RP id, nobody verified, not its signature, or malformed.
    """
    origin = _origin(used.client_data, party)
    with _refusing("assertion"):
        verified = verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(used.credential_id),
                raw_id=used.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=used.client_data,
                    authenticator_data=used.authenticator_data,
                    signature=used.signature,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    return Signed(verified.new_sign_count, verified.credential_backed_up)


def _origin(client_data: bytes, party: RelyingParty) -> str:
    with _refusing("client_data"):
        origin = str(parse_client_data_json(client_data).origin)
        if not party.accepts(origin):
            raise PasskeyRefused("origin")
        return origin


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(name) for name in each.transports],
        )
        for each in known
    ]


@contextmanager
def _refusing(reason: str) -> Iterator[None]:
    try:
        yield
    except _HOSTILE as error:
        raise PasskeyRefused(reason) from error
