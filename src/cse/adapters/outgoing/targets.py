"""Which URLs may be fetched: https, a host by name or as a canonical public address, nothing that two parsers may
read differently.

The URL is read by httpx alone, which also connects, so that what is checked is what is asked.
"""

import re
from collections.abc import Container
from ipaddress import ip_address
from typing import Final, NamedTuple

import httpx

from cse.adapters.outgoing.errors import TargetRefused

MAX_URL: Final = 2_048
"""Characters."""
_PORTS: Final = {"https": 443, "http": 80}
_PLAIN: Final = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without blanks and backslashes, which browsers and libraries take for different things."""
_NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
"""How the last part of a host looks that the C library reads as an IPv4 address (`2130706433`, `0x7f.1`, `0177.1`)."""
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


class Origin(NamedTuple):
    """Scheme, host in lower case, port."""

    scheme: str
    host: str
    port: int


NO_ORIGINS: Final[frozenset[Origin]] = frozenset()


def origin_of(text: str) -> Origin:
    """Return the origin of a URL that the operator configured.

    Raises:
        ValueError: it has none.
    """
    try:
        return _origin(httpx.URL(text))
    except (httpx.InvalidURL, TargetRefused) as error:
        raise ValueError(f"{text!r} is no http(s) URL") from error


def check_target(url: httpx.URL, private: Container[Origin]) -> Origin:
    """Return where a request to this URL would go, if it may go there as far as its text tells.

    `private` are origins that the operator allows to be plain http and to lie at any address.

    Raises:
        TargetRefused: it may not.
    """
    text = str(url)
    if len(text) > MAX_URL or not _PLAIN.fullmatch(text):
        raise TargetRefused("the URL is too long, or no plain ASCII")
    if url.userinfo:
        raise TargetRefused("the URL has credentials in it")
    origin = _origin(url)
    if origin in private:
        return origin
    if origin.scheme != "https":
        raise TargetRefused("the URL is not https")
    _check_host(origin.host)
    return origin


def _origin(url: httpx.URL) -> Origin:
    port = url.port or _PORTS.get(url.scheme, 0)
    host = url.raw_host.decode("ascii").lower()
    if url.scheme not in _PORTS or not host or not port:
        raise TargetRefused("the URL is not http or https with a host")
    return Origin(url.scheme, host, port)


def _check_host(host: str) -> None:
    if _is_address(host.removeprefix("[").removesuffix("]")):
        return  # written as it is; the guard looks where it lies
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise TargetRefused("the host is an IP address in another spelling")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise TargetRefused("the host is no name of the DNS")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
