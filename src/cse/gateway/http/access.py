"""Who may make a call: login or signature, scope, and the token buckets of address, account and key."""

from enum import StrEnum
from typing import Final, NamedTuple

from cse.gateway.acting import ACCOUNT, ActingAccounts
from cse.gateway.auth import Authenticator, Principal
from cse.gateway.client_address import ClientAddresses
from cse.gateway.http.context import RequestContext
from cse.gateway.http.key_scopes import scope_for
from cse.gateway.limits import RateLimiter, RouteClass, Verdict
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.signed import SignedRequests, is_signed, read_signature
from cse.users.audit import NOBODY, Origin, origin, user_actor
from cse.users.authority import Permission
from cse.users.roles import Roles
from cse.users.session_uses import SessionUses


class Need(StrEnum):
    """What a call needs of its caller, and out of which buckets it is paid."""

    NOBODY = "public"
    READ = "read"
    TRADE = "trade"

    __hash__ = str.__hash__  # Enum's own is Python, and every request looks its need up


class Caller(NamedTuple):
    """Who makes a call; account 0 for calls that need nobody."""

    account_id: int
    """The one that the call acts on."""
    address: str
    route_class: RouteClass
    key_id: str = ""
    """The API key that signed the request; empty for people and for nobody."""
    user_id: int = 0
    """The person who logged in; 0 for programs and for nobody."""
    session_id: str = ""
    owner_id: int = 0
    """The person, also where it is their program that calls."""
    main_account_id: int = 0
    """The person's first account; 0 for programs that have the key of a sub-account."""

    @property
    def actor(self) -> str:
        """The caller as the audit trail names them."""
        if self.user_id:
            return user_actor(self.user_id)
        return f"api_key:{self.key_id}" if self.key_id else NOBODY


_CLASSES: Final = {
    Need.NOBODY: RouteClass.PUBLIC,
    Need.READ: RouteClass.READS,
    Need.TRADE: RouteClass.ORDERS,
}
_UNPAID: Final = 403
"""Who is told that they may not pays nothing; whoever guesses (401, 404) does."""
_SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing: sending them twice does no harm."""


class Access:
    """Lets callers in, or says why not."""

    def __init__(
        self,
        authenticator: Authenticator,
        limiter: RateLimiter,
        addresses: ClientAddresses,
        signed: SignedRequests | None = None,
        roles: Roles | None = None,
    ) -> None:
        """Ask these; without `signed` API keys open nothing, without `roles` nobody has a staff permission."""
        self.accounts = ActingAccounts(None)
        """Knows which sub-account a person may act on; as it is, none."""
        self.uses: SessionUses | None = None
        """Is told which sessions are used, once a minute each; None: nobody wants to know."""
        self._roles = roles
        self._signed = signed
        self._authenticator = authenticator
        self._limiter = limiter
        self._addresses = addresses

    async def admit(
        self,
        context: RequestContext,
        need: Need,
        permission: Permission | None = None,
        weight: int = 1,
    ) -> Caller:
        """Return who calls and charge the call to them. A `permission` is asked of people only, never of keys.

        Every bucket pays `weight`, before the call does anything.

        Raises:
            ApiProblem: 401 not logged in, 403 the login's scopes do not cover it, 404 the account that it names is
                none of the caller's, 429 too much.
            Unavailable: an API key cannot be looked up now.
        """
        if self._signed is not None and need is not Need.NOBODY and is_signed(context.headers):
            if permission is not None:
                raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
            return await self._admit_signed(self._signed, context, need, weight)
        caller, problem = self._identify(context, need)
        if problem is None and permission is not None:
            problem = self._lacks(caller, permission)
        origin.set(Origin(self._ip(context), caller.session_id))
        if problem is None or problem.status != _UNPAID:
            await self.charge(context, caller, weight)
        if problem is not None:
            raise problem
        return caller

    @property
    def is_local(self) -> bool:
        """Whether `admit_now` can be used: the buckets are this process's own."""
        return self._limiter.is_local

    def admit_now(self, context: RequestContext, need: Need, weight: int = 1) -> Caller:
        """Do what `admit` does, where `is_local`."""
        caller, problem = self._identify(context, need)
        if problem is None or problem.status != _UNPAID:
            verdict = self._limiter.take_local(
                caller.route_class, caller.address, caller.account_id, weight
            )
            _note(context, verdict)
        if problem is not None:
            raise problem
        return caller

    def _identify(self, context: RequestContext, need: Need) -> tuple[Caller, ApiProblem | None]:
        """Return whose buckets pay, and why the caller may not call, if they may not."""
        address, route_class = self._address(context), _CLASSES[need]
        if need is Need.NOBODY:
            return Caller(0, address, route_class), None
        authorization = context.headers.get(b"authorization")
        header = None if authorization is None else authorization.decode("latin-1")
        try:
            principal = self._authenticator.authenticate(header)
        except ApiProblem as problem:
            return Caller(0, address, route_class), problem
        account_id, foreign = self._acts_on(context, principal)
        caller = Caller(
            account_id,
            address,
            route_class,
            user_id=principal.user_id,
            session_id=principal.session_id,
            owner_id=principal.user_id,
            main_account_id=principal.account_id,
        )
        if self.uses is not None and caller.session_id not in self.uses:
            self.uses.note(caller.session_id, self._ip(context))
        if foreign is not None or need in principal.scopes:
            return caller, foreign
        return caller, edge_problem("forbidden", f"This login has no scope `{need.value}`.")

    def _acts_on(
        self, context: RequestContext, principal: Principal
    ) -> tuple[int, ApiProblem | None]:
        """Return the account that a person's call acts on, and why not another that it names."""
        named = context.headers.get(ACCOUNT)
        if named is None:
            return principal.account_id, None
        try:
            return self.accounts.header(principal, named), None
        except ApiProblem as problem:
            return principal.account_id, problem

    async def _admit_signed(
        self, signed: SignedRequests, context: RequestContext, need: Need, weight: int
    ) -> Caller:
        """Let a program in: its address pays before anything is looked up, its account and key afterwards."""
        forwarded = _forwarded_for(context)
        ip = self._addresses.address(context.client, forwarded)
        origin.set(Origin(ip or ""))
        address, route_class = self._addresses.bucket(context.client, forwarded), _CLASSES[need]
        limiter = self._limiter
        verdict = limiter.take_now(route_class, address, weight=weight)
        _note(context, verdict or await limiter.take(route_class, address, weight=weight))
        holder = await signed.verify(
            read_signature(context.headers),
            context.method.encode("ascii") + context.target + context.body,
            client_ip=ip,
            once=context.method not in _SAFE,
        )
        caller = Caller(
            holder.account_id,
            address,
            route_class,
            holder.key_id,
            owner_id=holder.user_id,
            main_account_id=holder.account_id if holder.is_main else 0,
        )
        await self._charge_key(context, caller, weight)
        if limiter.is_local:
            verdict = limiter.take_local_for_account(route_class, holder.account_id, weight)
        else:
            verdict = await limiter.take_for_account(route_class, holder.account_id, weight)
        _note(context, verdict)
        if context.headers.get(ACCOUNT, own := b"%d" % holder.account_id) != own:
            raise edge_problem("forbidden", "An API key acts on its own account and no other.")
        scope = scope_for(context.method, context.route)
        if scope is None:
            raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
        if scope not in holder.scopes:
            raise edge_problem("forbidden", f"This API key has no scope `{scope}`.")
        return caller

    def _lacks(self, caller: Caller, permission: Permission) -> ApiProblem | None:
        roles = self._roles
        if roles is not None and caller.user_id and roles.may(caller.user_id, permission):
            return None
        return edge_problem("forbidden", f"This needs the permission `{permission.value}`.")

    def _ip(self, context: RequestContext) -> str:
        return self._addresses.address(context.client, _forwarded_for(context)) or ""

    async def _charge_key(self, context: RequestContext, caller: Caller, weight: int = 1) -> None:
        verdict = self._limiter.take_now(RouteClass.KEYS, caller.key_id, weight=weight)
        if verdict is None:
            verdict = await self._limiter.take(RouteClass.KEYS, caller.key_id, weight=weight)
        _note(context, verdict)

    async def charge(self, context: RequestContext, caller: Caller, weight: int = 1) -> None:
        """Take from the caller's buckets; what is left goes into the answer's RateLimit headers.

        Raises:
            ApiProblem: 429.
        """
        route_class, address, account_id = caller.route_class, caller.address, caller.account_id
        if caller.key_id:
            await self._charge_key(context, caller, weight)
        verdict = self._limiter.take_now(route_class, address, account_id, weight)
        if verdict is None:
            verdict = await self._limiter.take(route_class, address, account_id, weight)
        _note(context, verdict)

    def _address(self, context: RequestContext) -> str:
        return self._addresses.bucket(context.client, _forwarded_for(context))


def _forwarded_for(context: RequestContext) -> str | None:
    forwarded = context.headers.get(b"x-forwarded-for")
    return forwarded.decode("latin-1") if forwarded else None


def _note(context: RequestContext, verdict: Verdict) -> None:
    """Note what is left, for the answer's headers, of the bucket that has least; raise the 429."""
    if not verdict.allowed:
        context.verdict = None  # the refusal has headers of its own
        raise verdict.problem()
    noted = context.verdict
    if noted is None or verdict.limit * noted.remaining >= noted.limit * verdict.remaining:
        context.verdict = verdict
