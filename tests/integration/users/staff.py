"""Staff of a test's exchange: people with roles, and what they say to proposals."""

from typing import Any, NamedTuple

import httpx

from cse.users.approvals.service import ApprovalOptions, Approvals
from cse.users.authority import Role
from tests.integration.http_exchange import HttpExchange, good

PEOPLE = "/api/admin/users"
APPROVALS = "/api/admin/approvals"
TIER = "/api/admin/fee-tiers/7"
RATES = {"maker_ppm": 100, "taker_ppm": 200}


async def staff(exchange: HttpExchange, name: str, *roles: Role) -> httpx.AsyncClient:
    """A client of a new person with these roles."""
    client = await exchange.person(name)
    for role in roles:
        await exchange.deps.authority.roles.grant(
            await id_of(exchange, name), role, actor="machine:test", reason="test"
        )
    return client


async def id_of(exchange: HttpExchange, name: str) -> int:
    """The user id of somebody who has registered."""
    found = await exchange.people.core.users.credentials(f"{name}@example.com")
    assert found is not None
    return found.user.user_id


async def account_of(client: httpx.AsyncClient) -> int:
    """The account of whoever this client is."""
    return int(good(await client.get("/api/account"))["account_id"])


def approval(answer: httpx.Response, status: int = 202) -> dict[str, Any]:
    """The proposal of an answer."""
    found: dict[str, Any] = good(answer, status)["approval"]
    return found


async def approve(client: httpx.AsyncClient, proposal: dict[str, Any]) -> dict[str, Any]:
    """What stands there after somebody agreed."""
    url = f"{APPROVALS}/{proposal['id']}/approve"
    return approval(await client.post(url, json={"reason": "checked"}), 200)


async def records(client: httpx.AsyncClient, **wanted: str) -> list[dict[str, Any]]:
    """The audit log's records of something, oldest first."""
    answer = await client.get("/api/admin/audit", params=wanted)
    found: list[dict[str, Any]] = good(answer)["records"]
    return found[::-1]


class Office(NamedTuple):
    """An exchange and two admins."""

    exchange: HttpExchange
    ann: httpx.AsyncClient
    bob: httpx.AsyncClient

    async def tier(self, **rates: int) -> dict[str, Any]:
        """Ann's proposal of a fee tier."""
        asked = {**RATES, **rates, "reason": "vip"}
        return approval(await self.ann.put(TIER, json=asked))

    async def look(self) -> None:
        """What a gateway does every second, once; it takes up at once what others have left."""
        served = self.exchange.deps.concerns.approvals
        assert served is not None
        parts = (served._store, served._acts, served._roles, served._clock)
        await Approvals(*parts, ApprovalOptions(fresh_ms=0, stuck_ms=0)).look()

    async def now(self, proposal: dict[str, Any]) -> tuple[str, str]:
        """How a proposal stands."""
        found = approval(await self.bob.get(f"{APPROVALS}/{proposal['id']}"), 200)
        return found["status"], found["outcome"]

    def rates(self) -> tuple[int, int] | None:
        """What tier 7 pays."""
        found = self.exchange.deps.catalog.fee_tiers.get(7)
        return (found.maker_ppm, found.taker_ppm) if found else None
