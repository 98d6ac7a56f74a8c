"""Customers and reviewers of a test's exchange, and the documents that they send."""

import io
from typing import Any

import httpx
from PIL import Image

from cse.users.authority import Role
from tests.integration.http_exchange import HttpExchange, good

CHECKS = "/api/identity-checks"
STAFF = "/api/admin/identity-checks"
HITS = "/api/admin/sanctions-hits"
DATA = {
    "legal_name": "Ada King",
    "birth_date": "1990-12-10",
    "country_of_residence": "GB",
    "nationality": "GB",
}
ON_THE_LIST = DATA | {"legal_name": "Person-Fictitious, Jane Q."}
"""As the bundled example has her."""
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"


def picture(kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (10, 120, 200)).save(made, kind)
    return made.getvalue()


async def reviewer(
    exchange: HttpExchange, name: str, role: Role = Role.SUPPORT
) -> httpx.AsyncClient:
    """A member of staff."""
    client = await exchange.person(name)
    await exchange.deps.authority.roles.grant(
        await user_id(exchange, name), role, actor="machine:test", reason="test"
    )
    return client


async def user_id(exchange: HttpExchange, name: str) -> int:
    known = await exchange.people.core.users.credentials(f"{name}@example.com")
    assert known is not None
    return known.user.user_id


async def begin(client: httpx.AsyncClient, level: int = 1, data: Any = None) -> int:
    """Begin a check and return its id; `data` as for the first one unless told."""
    body = {"level": level} | ({"data": data or DATA} if level == 1 else {})
    return int(good(await client.post(CHECKS, json=body), 201)["check_id"])


async def add(
    client: httpx.AsyncClient, check: int, kind: str, data: bytes, media: str = "image/jpeg"
) -> httpx.Response:
    return await client.post(
        f"{CHECKS}/{check}/documents?kind={kind}", content=data, headers={"content-type": media}
    )


async def submit(client: httpx.AsyncClient, check: int) -> dict[str, Any]:
    answer: dict[str, Any] = good(await client.post(f"{CHECKS}/{check}/submit"))
    return answer


async def decide(
    client: httpx.AsyncClient, check: int, decision: str = "approve", note: str = ""
) -> httpx.Response:
    """Claim and decide."""
    good(await client.post(f"{STAFF}/{check}/claim"))
    body = {"decision": decision, "reason": "looked_at", "note": note}
    return await client.post(f"{STAFF}/{check}/decision", json=body)


async def reach(client: httpx.AsyncClient, staff: httpx.AsyncClient, level: int) -> int:
    """Bring a person to a level; return the last check."""
    check = 0
    kinds = {2: ("identity_document", "selfie"), 3: ("proof_of_address", "source_of_funds")}
    for step in range(1, level + 1):
        check = await begin(client, step)
        for kind in kinds.get(step, ()):
            good(await add(client, check, kind, picture()), 201)
        await submit(client, check)
        good(await decide(staff, check))
    return check
