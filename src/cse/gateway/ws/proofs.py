"""Who is on the other end of a WebSocket: by a token, or by an API key that signed its log-in."""

from typing import Final

import msgspec

from cse.gateway.acting import ActingAccounts
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

    __slots__ = ("_accounts", "_authenticator", "_signed")

    def __init__(
        self,
        authenticator: Authenticator,
        signed: SignedRequests | None,
        accounts: ActingAccounts | None = None,
    ) -> None:
        """Ask these; without `signed` only tokens are good, without `accounts` they are about first accounts."""
        self._authenticator = authenticator
        self._signed = signed
        self._accounts = accounts

    def of_token(self, authorization: str, named: bytes | None) -> Identity:
        """Return who holds an access token, about the account that is `named`, or their first one.

        Raises:
            ApiProblem: 401; 404, the account is not theirs; 400, sub-accounts are not known in this process.
            Unavailable: who owns what is not known yet.
        """
        principal = self._authenticator.authenticate(authorization)
        if named is not None:
            if self._accounts is None:
                raise invalid(
                    {"account": "sub-accounts are not for streamers: go to /ws of a gateway"}
                )
            account_id = self._accounts.header(principal, named)
            principal = msgspec.structs.replace(principal, account_id=account_id)
        return Identity(principal, authorization)

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
            self._authenticator.authenticate(identity.authorization)
            return identity.principal
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
    if asked.account is not None:
        raise invalid({"account": "goes with a token; an API key has its own account"})
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
