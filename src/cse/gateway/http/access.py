"""Who may make a call: login, scope, and the token buckets of address and account."""

from enum import StrEnum
from typing import Final, NamedTuple

from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.http.context import RequestContext
from cse.gateway.limits import RateLimiter, RouteClass, Verdict
from cse.gateway.problems import ApiProblem, edge_problem


class Need(StrEnum):
    """What a call needs of its caller, and out of which buckets it is paid."""

    NOBODY = "public"
    READ = "read"
    TRADE = "trade"

    __hash__ = str.__hash__  # Enum's own is Python, and every request looks its need up


class Caller(NamedTuple):
    """Who makes a call; account 0 for calls that need nobody."""

    account_id: int
    address: str
    route_class: RouteClass


_CLASSES: Final = {
    Need.NOBODY: RouteClass.PUBLIC,
    Need.READ: RouteClass.READS,
    Need.TRADE: RouteClass.ORDERS,
}
_UNKNOWN: Final = 401


class Access:
    """Lets callers in, or says why not."""

    def __init__(
        self, authenticator: Authenticator, limiter: RateLimiter, addresses: ClientAddresses
    ) -> None:
        """Ask these."""
        self._authenticator = authenticator
        self._limiter = limiter
        self._addresses = addresses

    async def admit(self, context: RequestContext, need: Need) -> Caller:
        """Return who calls and charge the call to them.

        Raises:
            ApiProblem: 401 not logged in, 403 the login's scopes do not cover it, 429 too much.
        """
        caller, problem = self._identify(context, need)
        if problem is None or problem.status == _UNKNOWN:  # guessing costs, too
            await self.charge(context, caller)
        if problem is not None:
            raise problem
        return caller

    @property
    def is_local(self) -> bool:
        """Whether `admit_now` can be used: the buckets are this process's own."""
        return self._limiter.is_local

    def admit_now(self, context: RequestContext, need: Need) -> Caller:
        """Do what `admit` does, where `is_local`."""
        caller, problem = self._identify(context, need)
        if problem is None or problem.status == _UNKNOWN:
            verdict = self._limiter.take_local(
                caller.route_class, caller.address, caller.account_id
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
        caller = Caller(principal.account_id, address, route_class)
        if need in principal.scopes:
            return caller, None
        return caller, edge_problem("forbidden", f"This login has no scope `{need.value}`.")

    async def charge(self, context: RequestContext, caller: Caller, weight: int = 1) -> None:
        """Take from the caller's buckets; what is left goes into the answer's RateLimit headers.

        Raises:
            ApiProblem: 429.
        """
        route_class, address, account_id = caller.route_class, caller.address, caller.account_id
        verdict = self._limiter.take_now(route_class, address, account_id, weight)
        if verdict is None:
            verdict = await self._limiter.take(route_class, address, account_id, weight)
        _note(context, verdict)

    def _address(self, context: RequestContext) -> str:
        forwarded = context.headers.get(b"x-forwarded-for")
        return self._addresses.bucket(
            context.client, forwarded.decode("latin-1") if forwarded else None
        )


def _note(context: RequestContext, verdict: Verdict) -> None:
    """Note what is left, for the answer's headers; raise the 429."""
    if not verdict.allowed:
        raise verdict.problem()
    context.verdict = verdict
