"""Who calls: the client's address behind proxies that we trust, as the name of a rate-limit bucket."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

LOCAL: Final = "local"
"""Whoever comes over a Unix socket without a proxy's word."""
MAX_HEADER: Final = 512
"""Of an X-Forwarded-For only the last so many characters are looked at (and remembered)."""

_Network = IPv4Network | IPv6Network


class ClientAddresses:
    """Believes X-Forwarded-For only from trusted proxies, from the right, as far as they vouch for it."""

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        """Trust these addresses or networks; none by default.

        Raises:
            ValueError: one is neither.
        """
        self._trusted: tuple[_Network, ...] = tuple(
            ip_network(proxy, strict=False) for proxy in trusted_proxies
        )
        self._vouched_for = lru_cache(maxsize=8_192)(self._behind_proxies)

    def bucket(self, peer: str | None, forwarded_for: str | None = None) -> str:
        """Return the client's IPv4 address or IPv6 /64 network (what one customer has).

        `peer` is the socket's other end, None for a Unix socket (which only a proxy of ours can reach).
        """
        address = self.address(peer, forwarded_for)
        return bucket_of(address) if address else LOCAL

    def address(self, peer: str | None, forwarded_for: str | None = None) -> str | None:
        """Return the client's own address, None for a Unix socket; `peer` as in `bucket`."""
        if self._trusted and forwarded_for:
            if len(forwarded_for) > MAX_HEADER:  # and not the one that the cut went through
                forwarded_for = forwarded_for[-MAX_HEADER:].partition(",")[2]
            return self._vouched_for(peer, forwarded_for)
        return _plain(peer) if peer else None

    def is_trusted(self, peer: str) -> bool:
        """Return whether a peer is a proxy that we trust."""
        address = _plain(peer)
        return address is not None and self._is_trusted(address)

    def _behind_proxies(self, peer: str | None, forwarded_for: str) -> str | None:
        address = _plain(peer) if peer else None
        for hop in reversed(forwarded_for.split(",")):
            if address is not None and not self._is_trusted(address):
                break
            claimed = _plain(hop.strip())
            if claimed is None:  # the proxy passed on nonsense: what we know for sure is the proxy
                break
            address = claimed
        return address

    def _is_trusted(self, address: str) -> bool:
        parsed = ip_address(address)
        return any(parsed.version == net.version and parsed in net for net in self._trusted)


@lru_cache(maxsize=8_192)
def _plain(text: str) -> str | None:
    """Return an address in its one way of writing (v4-mapped IPv6 as IPv4), None if it is none."""
    try:
        address = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=8_192)
def bucket_of(address: str) -> str:
    """Return what is limited together: an IPv4 address, an IPv6 /64."""
    if ":" not in address:
        return address
    return str(IPv6Network((address, 64), strict=False))
