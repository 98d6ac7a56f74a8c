"""Who is on the other end of a WebSocket: by a token, or by an API key that signed its log-in."""

from typing import Final

from cse.gateway.auth import Authenticator, Principal
from cse.gateway.problems import ApiProblem, invalid
from cse.gateway.signed import Signature, SignedRequests, signature_of
from cse.gateway.ws.connection import Identity
from cse.gateway.ws.messages import Auth
from cse.users.model import KeyPrincipal

LOGIN: Final = b"GET/ws"
"""What `auth` signs behind its timestamp: as a request to the path, whatever the connection's query."""


class Proofs:
    """Checks both, at the beginning and again and again."""

    __slots__ = ("_authenticator", "_signed")

    def __init__(self, authenticator: Authenticator, signed: SignedRequests | None) -> None:
        """Ask these; without `signed` only tokens are good."""
        self._authenticator = authenticator
        self._signed = signed

    async def identity(self, signature: Signature, rest: bytes, client_ip: str | None) -> Identity:
        """Return who signed a log-in; its signature is used up.

        Raises:
            ApiProblem: 401, or keys cannot be checked in this process.
            Unavailable: the key cannot be looked up now.
        """
        signed = self._with_keys()
        key = await signed.verify(signature, rest, client_ip=client_ip, once=True)
        signed.still_good(key)
        return Identity(_principal(key), "", key)

    def principal(self, identity: Identity) -> Principal:
        """Return who it is still; raises ApiProblem: no more."""
        if identity.key is None:
            return self._authenticator.authenticate(identity.authorization)
        self._with_keys().still_good(identity.key)
        return identity.principal

    def _with_keys(self) -> SignedRequests:
        if self._signed is None:
            raise ApiProblem(
                401,
                "not_authenticated",
                "API keys are not for streamers: send a token, or go to /ws of a gateway.",
            )
        return self._signed


def signature_in(asked: Auth) -> Signature:
    """Return the signature of an `auth` operation; raises ApiProblem: parts are missing or malformed."""
    if asked.token is not None:
        raise invalid({"token": "send a token or sign with a key, not both"})
    if asked.key is None or asked.timestamp is None or asked.signature is None:
        raise invalid({"key": "goes with timestamp and signature"})
    return signature_of(
        asked.key,
        str(asked.timestamp),
        asked.signature,
        str(asked.recv_window),
        names=("timestamp", "signature", "recv_window"),
    )


def _principal(key: KeyPrincipal) -> Principal:
    return Principal(key.user_id, key.account_id, f"key:{key.key_id}", key.scopes)
