"""What one address and one account may hold and send over all their connections to this process."""

from collections import Counter
from typing import Final

from cse.gateway.limits import Buckets, Rate
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.ws.options import WsOptions

Key = str | int
"""An address's bucket, or an account's id."""


class Quotas:
    """Counts per address and account. What is not held any more is not remembered."""

    def __init__(self, options: WsOptions) -> None:
        """Begin with nobody."""
        self.options: Final = options
        self.connections: Final[Counter[Key]] = Counter()
        self.subscriptions: Final[Counter[Key]] = Counter()
        per_address, per_account = options.address_messages, options.account_messages
        self.address_rate: Final = Buckets(Rate(per_address, 1, 2 * per_address))
        self.account_rate: Final = Buckets(Rate(per_account, 1, 2 * per_account))

    def connect(self, bucket: str) -> "Quota":
        """Count a connection of an address.

        Raises:
            ApiProblem: 429, it has as many as it may.
        """
        limit = self.options.address_connections
        if self.connections[bucket] >= limit:
            detail = f"An address has at most {limit} connections to this server."
            raise edge_problem("rate_limited", detail)
        self.connections[bucket] += 1
        return Quota(self, bucket)

    def change(self, counts: Counter[Key], key: Key, by: int) -> None:
        """Add to a count; one that is zero is forgotten."""
        counts[key] += by
        if counts[key] <= 0:
            del counts[key]


class Quota:
    """What one connection takes of its address's and its account's."""

    __slots__ = ("_account_id", "_all", "_bucket", "_subscriptions")

    def __init__(self, quotas: Quotas, bucket: str) -> None:
        """Begin as the connection of an address, which was counted."""
        self._all: Final = quotas
        self._bucket: Final = bucket
        self._account_id: int | None = None
        self._subscriptions = 0

    @property
    def account_id(self) -> int | None:
        """Whose connection it is, since it was first known."""
        return self._account_id

    def identify(self, account_id: int) -> None:
        """Count the connection for its account, from now on.

        Raises:
            ApiProblem: 429, the account has as many as it may.
        """
        if self._account_id is not None:
            return
        limit = self._all.options.account_connections
        if self._all.connections[account_id] >= limit:
            detail = f"An account has at most {limit} connections to this server."
            raise edge_problem("rate_limited", detail)
        held = self._all.subscriptions[account_id] + self._subscriptions
        if held > self._all.options.account_subscriptions:
            raise _too_many("An account", self._all.options.account_subscriptions)
        self._account_id = account_id
        self._all.change(self._all.connections, account_id, 1)
        self._all.change(self._all.subscriptions, account_id, self._subscriptions)

    def subscribe(self, count: int) -> None:
        """Count new subscriptions (negative: those that ended).

        Raises:
            ApiProblem: 429, there are too many; nothing was counted.
        """
        quotas, options = self._all, self._all.options
        if count > 0:
            limits = ((self._bucket, options.address_subscriptions, "An address"),)
            if self._account_id is not None:
                limits += ((self._account_id, options.account_subscriptions, "An account"),)  # type: ignore[assignment]  # of both kinds of key
            for key, limit, who in limits:
                if quotas.subscriptions[key] + count > limit:
                    raise _too_many(who, limit)
        self._subscriptions += count
        quotas.change(quotas.subscriptions, self._bucket, count)
        if self._account_id is not None:
            quotas.change(quotas.subscriptions, self._account_id, count)

    def take_message(self, now_ns: int) -> bool:
        """Take a message from the address's and the account's rates, from both or none."""
        quotas = self._all
        by_address, by_account = quotas.address_rate, quotas.account_rate
        address_ns = by_address.fill_ns(self._bucket, by_address.interval_ns, now_ns)
        if address_ns > by_address.full_ns:
            return False
        if self._account_id is not None:
            account_ns = by_account.fill_ns(self._account_id, by_account.interval_ns, now_ns)
            if account_ns > by_account.full_ns:
                return False
            by_account.set(self._account_id, account_ns, now_ns)
        by_address.set(self._bucket, address_ns, now_ns)
        return True

    def charge(self, messages: int, now_ns: int) -> None:
        """Take more for a message that costs as much as several; the next ones wait for it."""
        rates = [(self._all.address_rate, self._bucket), (self._all.account_rate, self._account_id)]
        for rate, key in rates:
            if key is not None and messages:
                fill_ns = rate.fill_ns(key, rate.interval_ns * messages, now_ns)
                rate.set(key, fill_ns, now_ns)

    def release(self) -> None:
        """Give everything back: the connection is gone."""
        self.subscribe(-self._subscriptions)
        self._all.change(self._all.connections, self._bucket, -1)
        if self._account_id is not None:
            self._all.change(self._all.connections, self._account_id, -1)


def _too_many(who: str, limit: int) -> ApiProblem:
    return edge_problem("rate_limited", f"{who} has at most {limit} subscriptions at this server.")
