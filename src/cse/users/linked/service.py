"""Signing in through other providers, and linking identities to people (OAuth 2.0 with PKCE; RFC 6749, 7636, 9700).

What comes back from a provider is believed only together with the flow that it belongs to, and the flow decides
whose it is: a link goes to whoever began it, whoever finishes it.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.devices import Device
from cse.users.errors import HandleTaken, InvalidField, TooManyAttempts
from cse.users.factor_errors import FactorRequired, StepUpRequired, WrongFactor
from cse.users.factor_ports import Proof
from cse.users.factors import Factors
from cse.users.linked.errors import (
    BindingMissing,
    FlowRefused,
    HandleNeeded,
    ProviderRefused,
    UnknownProvider,
)
from cse.users.linked.flows import Flow, Flows, Ticket, is_code_of, with_proof
from cse.users.linked.joining import Joining
from cse.users.linked.model import Identity, Proven, ProviderName, Purpose
from cse.users.linked.ports import Answer, Attempt, IdentityProvider, LinkedStore
from cse.users.model import Guarded, TokenPair, User
from cse.users.notices import Notice, Notices
from cse.users.refused_logins import RefusedLogIns
from cse.users.registration.verified import person_of, require_verified
from cse.users.sessions import Sessions
from cse.users.step_up import StepUps

_GOES_ON: Final = (
    FactorRequired,
    WrongFactor,
    TooManyAttempts,
    HandleNeeded,
    HandleTaken,
    InvalidField,
    StepUpRequired,
    Unavailable,
)
"""After these the same flow can be finished with what was missing, or later."""


class LinkedParts(NamedTuple):
    """What it is made of."""

    providers: Mapping[ProviderName, IdentityProvider]
    redirect_page: str
    """Providers send people back to `<redirect_page>/<provider>`, one page for each (RFC 9700, 4.4)."""
    flows: Flows
    store: LinkedStore
    joining: Joining
    sessions: Sessions
    factors: Factors
    step_ups: StepUps
    trail: AuditTrail
    refused: RefusedLogIns
    notices: Notices
    clock: Clock


class Begun(Guarded, frozen=True):
    """A flow that was begun."""

    url: str
    """Where the person goes to."""
    ticket: Ticket
    redirect_uri: str
    ends_at: int


class Back(Guarded, frozen=True):
    """What comes back, from the provider and from whoever finishes."""

    state: str
    binding: str | None
    code: str | None
    """None: it was used up before, and something else was missing."""
    issuer: str | None = None
    handle: str | None = None
    proof: Proof = Proof()
    device: Device = Device()


class Finished(Guarded, frozen=True):
    """What became of it: exactly one of the two."""

    tokens: TokenPair | None = None
    linked: Identity | None = None


class LinkedIdentities:
    """The one object that the gateway talks to about identities at other providers."""

    def __init__(self, parts: LinkedParts) -> None:
        """Use these."""
        self._parts = parts
        self._store = parts.store

    @property
    def providers(self) -> Sequence[ProviderName]:
        """Those that are configured, by name."""
        return sorted(self._parts.providers)

    async def start(
        self, name: str, purpose: Purpose, *, user_id: int = 0, session_id: str = ""
    ) -> Begun:
        """Begin a flow; a link is its session's, which has proved lately who uses it, of a person whose address is.

        Else whoever registered with somebody else's address kept a way in after its owner reset the password.

        Raises:
            UnknownProvider: see there.
            StepUpRequired, InvalidToken: the session may not link, or is over.
            NotVerified: the person has not shown that their address is theirs.
            ProviderRefused, Unavailable: the provider has to be asked first; nothing was begun.
        """
        provider = self._provider(name)
        if purpose is Purpose.LINK:
            await self._parts.step_ups.require(user_id, session_id)
            require_verified(await person_of(self._parts.joining.users, user_id))
        ticket, flow = await self._parts.flows.begin(
            provider.name, purpose, user_id=user_id, session_id=session_id
        )
        attempt = self._attempt(flow, ticket.state)
        url = await provider.authorization_url(attempt)
        return Begun(url, ticket, attempt.redirect_uri, flow.ends_at)

    async def finish(self, name: str, back: Back) -> Finished:
        """Go on with what a provider's redirect brought, or with what was missing then.

        Raises:
            UnknownProvider, BindingMissing, FlowRefused, ProviderRefused: see there; begin again.
            FactorRequired, WrongFactor, HandleNeeded, HandleTaken, InvalidField, StepUpRequired, TooManyAttempts:
                the same flow can be finished with what was missing, without the code.
            NoVerifiedEmail, EmailTaken, IdentityTaken, TooManyIdentities: it cannot be done this way.
            AccountNotOpen: the account is frozen or closed.
            InvalidToken: the session that began to link is over.
            Unavailable: not now; nothing was done, the flow can be finished later.
        """
        provider = self._provider(name)
        if back.binding is None:
            raise BindingMissing
        try:
            flow = await self._parts.flows.take(Ticket(back.state, back.binding), provider.name)
        except FlowRefused as error:
            await self._parts.refused.note(None, error.reason)
            raise
        try:
            flow = await self._identified(provider, flow, back)
        except Unavailable:
            await self._parts.flows.keep(back.state, flow)
            raise
        except (FlowRefused, ProviderRefused) as error:
            await self._parts.refused.note(None, error.reason)
            raise
        try:
            return await self._complete(flow, back)
        except _GOES_ON:
            await self._parts.flows.keep(back.state, flow)
            raise

    async def identities(
        self, user_id: int, *, before: int | None, limit: int
    ) -> Sequence[Identity]:
        """Return a person's identities, newest first; see `LinkedStore.identities`."""
        return await self._store.identities(user_id, before=before, limit=limit)

    async def unlink(self, user_id: int, identity_id: int) -> bool:
        """Forget one of a person's identities; False: there is none, or it is not theirs.

        Raises:
            LastWayIn: nothing else would let them in.
            Unavailable: the database is out of reach.
        """
        act = _act(Act.IDENTITY_UNLINKED, user_id, {"identity_id": identity_id})
        if not await self._store.unlink(user_id, identity_id, self._parts.clock.now_ms(), act):
            return False
        text = "An identity at another provider was removed from your account: it cannot log in with it any more."
        await self._parts.notices.tell(user_id, Notice("A linked identity was removed", text))
        return True

    def _provider(self, name: str) -> IdentityProvider:
        for known, provider in self._parts.providers.items():
            if known.value == name:
                return provider
        raise UnknownProvider

    def _attempt(self, flow: Flow, state: str) -> Attempt:
        page = f"{self._parts.redirect_page}/{flow.provider.value}"
        return Attempt(state, flow.verifier, flow.nonce, page)

    async def _identified(self, provider: IdentityProvider, flow: Flow, back: Back) -> Flow:
        """Return the flow with who the provider says that it is: asked now, or remembered."""
        if flow.proven is not None:
            if back.code is not None and not is_code_of(flow, back.code):
                raise FlowRefused("other_code")
            return flow
        if not back.code:
            raise FlowRefused("no_code")
        answer = Answer(back.code, back.issuer)
        return with_proof(
            flow, back.code, await provider.identify(self._attempt(flow, back.state), answer)
        )

    async def _complete(self, flow: Flow, back: Back) -> Finished:
        assert flow.proven is not None, "identified before"
        if flow.purpose is Purpose.LINK:
            return Finished(linked=await self._link(flow, flow.proven))
        return Finished(tokens=await self._sign_in(flow.proven, back))

    async def _link(self, flow: Flow, proven: Proven) -> Identity:
        parts, user_id = self._parts, flow.user_id
        await parts.step_ups.require(user_id, flow.session_id)
        act = _act(Act.IDENTITY_LINKED, user_id, _facts(proven))
        act = msgspec.structs.replace(act, session_id=flow.session_id)
        linked = await self._store.link(user_id, proven, parts.clock.now_ms(), act)
        text = (
            f"An identity at {proven.provider.value} was linked to your account: it can log in with it"
            " from now on."
        )
        await parts.notices.tell(user_id, Notice("An identity was linked", text))
        return linked

    async def _sign_in(self, proven: Proven, back: Back) -> TokenPair:
        parts = self._parts
        known = await self._store.owner(proven.provider, proven.subject)
        user = (
            await parts.joining.join(proven, back.handle)
            if known is None
            else await self._let_in(known, back.proof)
        )
        identity = known or await self._store.owner(proven.provider, proven.subject)
        if identity is None or identity.user_id != user.user_id:
            raise FlowRefused("unlinked_meanwhile")
        await parts.trail.record(_act(Act.IDENTITY_USED, user.user_id, _facts(proven)))
        pair = await parts.sessions.begin(user, back.device)
        # Whoever unlinks it meanwhile closed this door: either they were before this, or the session ends.
        if not await self._store.seen(identity.identity_id, proven, parts.clock.now_ms()):
            await parts.sessions.end_by_refresh_token(pair.refresh_token)
            raise FlowRefused("unlinked_meanwhile")
        return pair

    async def _let_in(self, identity: Identity, proof: Proof) -> User:
        """Return whose identity it is, if they have the second factor, too, or need none."""
        joining = self._parts.joining
        found = await joining.users.credentials_of(identity.user_id)
        if found is None:
            raise FlowRefused("unknown_person")
        await self._parts.factors.check_log_in(found.user, proof)
        if found.opening is not None:
            await joining.open(found.opening)
        return found.user


def _act(act: Act, user_id: int, after: Facts) -> AuditAct:
    who = user_actor(user_id)
    return AuditAct(act=act, actor=who, object=who, after=after)


def _facts(proven: Proven) -> Facts:
    return {"provider": proven.provider.value, "subject": proven.subject}
