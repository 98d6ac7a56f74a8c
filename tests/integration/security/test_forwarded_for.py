"""Spoofed `X-Forwarded-For` over HTTP: nobody gets another bucket, another address in the audit log, or a 5xx by it."""

import httpx
import pytest
from prometheus_client import CollectorRegistry

from cse.gateway.app import create_app
from cse.gateway.client_address import ClientAddresses
from tests.unit.gateway.world import World

LIMIT = 5
CLAIMS = (
    "198.51.100.{n}",
    "198.51.100.{n}, 203.0.113.{n}",
    "2001:db8:{n}::1",
    "::ffff:198.51.100.{n}",
    "[2001:db8:{n}::1]",
    "unknown-{n}",
    "127.0.0.1, 198.51.100.{n}",
    "\t198.51.100.{n}\t",
    "',{n}",
    "198.51.100.{n}" + ", 10.0.0.1" * 200,
)


def _client(peer: str, trusted: tuple[str, ...] = ()) -> httpx.AsyncClient:
    """A client whose socket comes from `peer`, to a gateway where an address may ask five times."""
    world = World(limits=(1, LIMIT))
    world.deps.addresses = ClientAddresses(trusted)
    world.deps.registry = CollectorRegistry()
    transport = httpx.ASGITransport(app=create_app(world.deps), client=(peer, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://cse.test")


async def _statuses(client: httpx.AsyncClient, claims: list[str]) -> list[int]:
    async with client:
        return [
            (await client.get("/api/markets", headers={"x-forwarded-for": claim})).status_code
            for claim in claims
        ]


@pytest.mark.parametrize("claim", CLAIMS)
async def test_spoofed_x_forwarded_for_without_proxies(claim: str) -> None:
    """Every request claims another address: all are paid by the one whose socket it is."""
    claims = [claim.format(n=number) for number in range(1, LIMIT + 3)]
    assert await _statuses(_client("203.0.113.77"), claims) == [200] * LIMIT + [429, 429]


@pytest.mark.parametrize("claim", CLAIMS)
async def test_spoofed_x_forwarded_for_behind_a_proxy(claim: str) -> None:
    """Whatever the client wrote stands left of what the proxy appended, and is not believed."""
    claims = [f"{claim.format(n=number)}, 203.0.113.9" for number in range(1, LIMIT + 3)]
    proxied = _client("10.0.0.1", ("10.0.0.0/8",))
    assert await _statuses(proxied, claims) == [200] * LIMIT + [429, 429]


async def test_an_ipv6_customer_is_one_address() -> None:
    """Addresses of one /64 share a bucket; of another /64 they do not."""
    one = [f"2a00:1:2:3::{number}" for number in range(1, LIMIT + 2)]
    proxied = _client("10.0.0.1", ("10.0.0.0/8",))
    assert await _statuses(proxied, [*one, "2a00:1:2:4::1"]) == [200] * LIMIT + [429, 200]
