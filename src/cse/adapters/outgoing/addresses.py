"""Which IP addresses may be connected to for somebody else: public unicast ones, and of those no disguised ones.

Sources: the IANA special-purpose registries (RFC 6890), which Python's `ipaddress` knows; RFC 4291 2.5.5 (IPv4-mapped
and IPv4-compatible), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6052 and RFC 8215 (NAT64), RFC 5214 (ISATAP). An IPv6
address with an IPv4 address inside is refused whatever that is: no public host needs one.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_EMBEDDING: Final = {
    ip_network("::ffff:0:0/96"): "IPv4-mapped",
    ip_network("::/96"): "IPv4-compatible",
    ip_network("::ffff:0:0:0/96"): "IPv4-translated",
    ip_network("64:ff9b::/96"): "NAT64",
    ip_network("64:ff9b:1::/48"): "NAT64",
    ip_network("2002::/16"): "6to4",
    ip_network("2001::/32"): "Teredo",
}
_METADATA: Final = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # containers at AWS
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "168.63.129.16",  # Azure: a public address
        "fd00:ec2::254",  # AWS over IPv6
    )
)
"""Where clouds tell a machine its own secrets."""
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


def why_refused(text: str) -> str | None:
    """Return why an address is not connected to; None: it may be.

    `text` is an address as a resolver returns it; what is none is refused.
    """
    if "%" in text:
        return "an address with a zone"
    try:
        address = ip_address(text)
    except ValueError:
        return "no IP address"
    if address in _METADATA:
        return "a metadata service"
    if isinstance(address, IPv6Address) and (what := _embeds(address)):
        return f"an {what} address"
    return _not_public(address)


def _embeds(address: IPv6Address) -> str | None:
    if address.is_unspecified or address.is_loopback:
        return None  # told as what they are
    for network, what in _EMBEDDING.items():
        if address in network:
            return what
    return "ISATAP" if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP else None


def _not_public(address: IPv4Address | IPv6Address) -> str | None:
    kinds = (
        (address.is_unspecified, "the unspecified address"),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address.is_private, "a private address"),
        (address.is_reserved, "a reserved address"),
        (isinstance(address, IPv6Address) and address.is_site_local, "a site-local address"),
        (not address.is_global, "no public address"),
    )
    return next((what for it_is, what in kinds if it_is), None)
