"""Flows under way: what is remembered between the way to a provider and the way back, on whichever gateway.

A flow is good once, for ten minutes, at one provider and for whoever began it: they hold `binding`, 32 random bytes
that never go to the provider. It lies in the shared cache, sealed, under a digest of its state: whoever reads the
cache learns neither state nor PKCE verifier.
"""

import hashlib
import hmac
import secrets
from typing import Final

import msgspec

from cse.core.clock import Clock
from cse.users.errors import DamagedKeys
from cse.users.linked.errors import FlowRefused
from cse.users.linked.model import Proven, ProviderName, Purpose
from cse.users.model import Guarded
from cse.users.ports import Cache
from cse.users.secret_box import SecretBox

LIFE_MS: Final = 600_000
"""Ten minutes."""
_PURPOSE: Final = "oauth-flow"


class Flow(Guarded, frozen=True):
    """One flow. Nothing of it comes from whoever finishes it."""

    provider: ProviderName
    purpose: Purpose
    binding: bytes
    """SHA-256 of what who began it holds."""
    verifier: str
    nonce: str
    ends_at: int
    user_id: int = 0
    """Of a link: whose session began it."""
    session_id: str = ""
    code: bytes = b""
    """SHA-256 of the code that was used up."""
    proven: Proven | None = None
    """Who the provider said that it is; then the code was used, and something else was missing."""


class Ticket(Guarded, frozen=True):
    """What whoever begins a flow gets, besides where to go."""

    state: str
    binding: str


class Flows:
    """Begins flows and gives them out once."""

    def __init__(self, cache: Cache, box: SecretBox, clock: Clock) -> None:
        """Use these."""
        self._cache = cache
        self._box = box
        self._clock = clock

    async def begin(
        self, provider: ProviderName, purpose: Purpose, *, user_id: int = 0, session_id: str = ""
    ) -> tuple[Ticket, Flow]:
        """Remember a new flow."""
        ticket = Ticket(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        flow = Flow(
            provider=provider,
            purpose=purpose,
            binding=_digest(ticket.binding),
            verifier=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            ends_at=self._clock.now_ms() + LIFE_MS,
            user_id=user_id,
            session_id=session_id,
        )
        await self.keep(ticket.state, flow)
        return ticket, flow

    async def take(self, ticket: Ticket, provider: ProviderName) -> Flow:
        """Return a flow, which nobody gets once more; one that is asked for in a wrong way is gone, too.

        Raises:
            FlowRefused: there is none, it is over, or of another browser or provider.
        """
        sealed = await self._cache.take(_key(ticket.state))
        if sealed is None:
            raise FlowRefused("unknown_state")
        try:
            flow = msgspec.json.decode(
                self._box.open(_PURPOSE, _key(ticket.state), sealed), type=Flow
            )
        except (DamagedKeys, msgspec.DecodeError) as error:
            raise FlowRefused("unreadable_state") from error
        if flow.ends_at <= self._clock.now_ms():
            raise FlowRefused("state_is_over")
        if not hmac.compare_digest(flow.binding, _digest(ticket.binding)):
            raise FlowRefused("foreign_binding")
        if flow.provider is not provider:
            raise FlowRefused("other_provider")
        return flow

    async def keep(self, state: str, flow: Flow) -> None:
        """Remember a flow until its end, again if it was taken and can be gone on with."""
        left_ms = flow.ends_at - self._clock.now_ms()
        if left_ms > 0:
            sealed = self._box.seal(_PURPOSE, _key(state), msgspec.json.encode(flow))
            await self._cache.set(_key(state), sealed, left_ms)


def with_proof(flow: Flow, code: str, proven: Proven) -> Flow:
    """Return the flow once its code is used up."""
    return msgspec.structs.replace(flow, code=_digest(code), proven=proven)


def is_code_of(flow: Flow, code: str) -> bool:
    """Tell whether a code is the one that the flow used up."""
    return hmac.compare_digest(flow.code, _digest(code))


def _key(state: str) -> str:
    return f"oauth:{_digest(state).hex()}"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
