"""Who calls: the word of a proxy counts only if the proxy is ours, and nobody chooses their own bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.gateway.client_address import LOCAL, ClientAddresses

PROXIES = ClientAddresses(["10.0.0.0/8", "192.168.1.1", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, LOCAL),
        ("no address", LOCAL),
    ],
)
def test_without_proxies_the_socket_counts(peer: str | None, bucket: str) -> None:
    """X-Forwarded-For is anybody's claim; an IPv6 customer is a /64."""
    addresses = ClientAddresses()
    assert addresses.bucket(peer) == bucket
    assert addresses.bucket(peer, "198.51.100.1") == bucket


@pytest.mark.parametrize(
    ("peer", "forwarded", "bucket"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7, 192.168.1.1", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7,10.9.9.9 , 10.8.8.8", "203.0.113.7"),
        ("10.0.0.1", "2001:db8:ffff::1, 2a00:1:2:3::4", "2a00:1:2:3::/64"),
        ("10.0.0.1", "[2a00:1:2:3::4]", "2a00:1:2:3::/64"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, ", "10.0.0.1"),
        (None, "203.0.113.7", "203.0.113.7"),
        (None, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_trusted_proxy_is_believed_from_the_right(
    peer: str | None, forwarded: str | None, bucket: str
) -> None:
    """What the client itself wrote stands left of what our proxies added and is never reached."""
    assert PROXIES.bucket(peer, forwarded) == bucket


@given(st.text(max_size=200))
def test_no_client_writes_itself_another_address(claim: str) -> None:
    """Behind one proxy the bucket is what the proxy appended, whatever was there before."""
    assert PROXIES.bucket("10.0.0.1", f"{claim},203.0.113.7") == "203.0.113.7"


@given(st.text(max_size=200))
def test_no_header_breaks_it(claim: str) -> None:
    """Any text at all: some bucket."""
    assert PROXIES.bucket("10.0.0.1", claim)


def test_a_long_chain_is_looked_at_from_its_end_only() -> None:
    """A million hops cost as much as a few, and the address that the cut goes through is not half believed."""
    assert PROXIES.bucket("10.0.0.1", "10.0.0.1," * 1_000_000 + "203.0.113.7") == "203.0.113.7"
    for length in range(500, 530):
        chain = "203.0.113.77" + ",10.0.0.12".rjust(length, " ")
        assert PROXIES.bucket("10.0.0.1", chain) in {"203.0.113.77", "10.0.0.12"}


def test_a_wrong_proxy_is_an_error_at_the_start() -> None:
    """Not a silent trust in nobody, or in all."""
    with pytest.raises(ValueError, match="nonsense"):
        ClientAddresses(["nonsense"])
