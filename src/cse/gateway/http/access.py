"""Who may make a call: login, scope, and the token buckets of address and account."""

from enum import StrEnum
from typing import Final, NamedTuple

from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.http.context import RawHeaders, RequestContext
from cse.gateway.limits import RateLimiter, RouteClass, Verdict
from cse.gateway.problems import ApiProblem, edge_problem


class Need(StrEnum):
    """What a call needs of its caller, and out of which buckets it is paid."""

    NOBODY = "public"
    READ = "read"
    TRADE = "trade"


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
        address, route_class = self._address(context), _CLASSES[need]
        account_id = 0
        if need is not Need.NOBODY:
            authorization = context.headers.get(b"authorization")
            header = None if authorization is None else authorization.decode("latin-1")
            try:
                principal = self._authenticator.authenticate(header)
            except ApiProblem:
                await self.charge(context, Caller(0, address, route_class))  # guessing costs, too
                raise
            if need.value not in principal.scopes:
                raise edge_problem("forbidden", f"This login has no scope `{need.value}`.")
            account_id = principal.account_id
        caller = Caller(account_id, address, route_class)
        await self.charge(context, caller)
        return caller

    async def charge(self, context: RequestContext, caller: Caller, weight: int = 1) -> None:
        """Take from the caller's buckets; what is left goes into the answer's RateLimit headers.

        Raises:
            ApiProblem: 429.
        """
        route_class, address, account_id = caller.route_class, caller.address, caller.account_id
        verdict = self._limiter.take_now(route_class, address, account_id, weight)
        if verdict is None:
            verdict = await self._limiter.take(route_class, address, account_id, weight)
        if not verdict.allowed:
            raise verdict.problem()
        context.limit_headers = _headers(verdict)

    def _address(self, context: RequestContext) -> str:
        client = context.scope.get("client")
        forwarded = context.headers.get(b"x-forwarded-for")
        return self._addresses.bucket(
            client[0] if client else None, forwarded.decode("latin-1") if forwarded else None
        )


def _headers(verdict: Verdict) -> RawHeaders:
    """Return what `Verdict.headers` says, as ASGI wants it."""
    return [
        (b"ratelimit-limit", b"%d" % verdict.limit),
        (b"ratelimit-remaining", b"%d" % verdict.remaining),
        (b"ratelimit-reset", b"%d" % -(-verdict.reset_ms // 1000)),
    ]
