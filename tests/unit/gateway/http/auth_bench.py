"""A gateway whose people are real, for tests of what people do over HTTP."""

from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from cse.gateway.app import create_app
from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.limits import RateLimiter, class_limits
from cse.users.service import UserService
from tests.unit.gateway.world import World as Gateway
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD
from tests.unit.users.people import World as People
from tests.unit.users.registrations import registration_at_once

PERSON = {"email": EMAIL, "password": PASSWORD, "handle": HANDLE}
LOGIN = {"email": EMAIL, "password": PASSWORD}


class Bench:
    """A gateway whose people are real."""

    service: UserService

    def __init__(self, logins_per_minute: int = 1_000) -> None:
        self.people = People()
        self.gateway = Gateway()
        assembled = self.people.assemble(passwords_waiting=500)
        self.service = assembled.service
        deps = self.gateway.deps
        deps.users = assembled.service
        deps.concerns.registration = registration_at_once(assembled)
        deps.authenticator = Authenticator(
            assembled.tokens, assembled.revocations, self.people.clock
        )
        table = class_limits(
            address=(1_000, 1_000), account=(1_000, 1_000), logins_per_minute=logins_per_minute
        )
        deps.limiter = RateLimiter(table, now_ns=lambda: self.people.clock.time_ms * 1_000_000)
        deps.session_uses = assembled.service.session_uses
        deps.registry = CollectorRegistry()
        deps.addresses = ClientAddresses(["127.0.0.1"])
        transport = httpx.ASGITransport(app=create_app(deps), raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://cse.test")

    async def post(self, call: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.post(f"/api/auth/{call}", json=body, headers=headers)

    async def logged_in(self) -> dict[str, Any]:
        """Register and log in; the answer of the latter."""
        assert (await self.post("register", PERSON)).status_code == 201
        answer: dict[str, Any] = (await self.post("login", LOGIN)).json()
        return answer


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, after checking that it is one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["status"]) == (code, status)
    assert document["request_id"] == answer.headers["x-request-id"]
    return document
