"""How many HTTP connections each address has open to this process. Proxies that we trust stand for many: no limit."""

from collections import Counter
from typing import Final

from cse.gateway.client_address import ClientAddresses


class AddressConnections:
    """Counts connections by IPv4 address or IPv6 /64."""

    def __init__(self, limit: int, addresses: ClientAddresses) -> None:
        """Allow `limit` connections of one address."""
        self._limit: Final = limit
        self._addresses: Final = addresses
        self._open: Final[Counter[str]] = Counter()

    def __len__(self) -> int:
        """Return how many addresses have connections."""
        return len(self._open)

    def of(self, address: str) -> int:
        """Return how many connections an address has."""
        return self._open.get(address, 0)

    def come(self, peer: str) -> str:
        """Count a new connection; returns what `go` must be called with when it is over; empty: it is not counted."""
        if self._addresses.is_trusted(peer):
            return ""
        address = self._addresses.bucket(peer)
        self._open[address] += 1
        return address

    def allows(self, address: str) -> bool:
        """Return whether the connections of an address are within the limit."""
        return not address or self._open[address] <= self._limit

    def go(self, address: str) -> None:
        """Count a connection no more."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
