"""The calls about second factors do what authentication.md says of them, from the first code to the last."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cse.users.factors import FREE_ATTEMPTS
from cse.users.step_up import STEP_UP_MS
from cse.users.totp import code_at
from tests.unit.gateway.http.test_key_routes import Bench
from tests.unit.gateway.http.test_key_routes import body as key_body
from tests.unit.gateway.signing import Caller, SignedBench, program
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD


class Person:
    """Somebody with a log-in over HTTP, and the app that holds their authenticator."""

    def __init__(self, bench: Bench, client: httpx.AsyncClient) -> None:
        self.bench, self.client = bench, client
        self.secret = b""

    def code(self) -> str:
        return code_at(self.secret, self.bench.people.clock.now_ms() // 30_000)

    def wait(self, ms: int = 30_000) -> None:
        self.bench.people.clock.time_ms += ms

    async def log_in(self, **proof: str) -> httpx.Response:
        asked = {"email": EMAIL, "password": PASSWORD, **proof}
        answer = await self.client.post("/api/auth/login", json=asked)
        if answer.status_code == 200:
            token = answer.json()["access_token"]
            self.client.headers["authorization"] = f"Bearer {token}"
        return answer

    async def post(self, path: str, **asked: str) -> httpx.Response:
        if path in {"totp/enroll", "recovery-codes"}:
            return await self.client.post(f"/api/auth/{path}")
        return await self.client.post(f"/api/auth/{path}", json=asked)

    async def add(self) -> list[str]:
        """Add an authenticator; return the recovery codes. A step passes."""
        made = (await self.post("totp/enroll")).json()
        self.secret = base64.b32decode(made["secret"])
        answer = await self.post("totp/confirm", code=self.code())
        self.wait()
        codes: list[str] = answer.json()["recovery_codes"]
        return codes


@pytest.fixture
async def ada() -> AsyncIterator[Person]:
    bench = Bench()
    service = bench.assembled.service
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    async with bench.client(None) as client:
        person = Person(bench, client)
        await person.log_in()
        yield person
    service.close()


def code_of(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["code"]


async def test_from_enrolling_to_disabling(ada: Person) -> None:
    """The secret and the recovery codes are shown once; log-ins ask, then ask no more."""
    now_ms = ada.bench.people.clock.now_ms()
    made = await ada.post("totp/enroll")
    assert made.headers["cache-control"] == "no-store"
    assert made.json()["otpauth_uri"].startswith("otpauth://totp/CS%20Exchange:")
    waiting = {"confirmed_at": None, "is_waiting": True, "recovery_codes_left": 0, "passkeys": 0}
    assert (await ada.client.get("/api/auth/totp")).json() == waiting
    codes = await ada.add()
    assert len(codes) == 10
    there = {"confirmed_at": now_ms, "is_waiting": False, "recovery_codes_left": 10, "passkeys": 0}
    assert (await ada.client.get("/api/auth/totp")).json() == there
    assert code_of(await ada.log_in(), 401) == "second_factor_required"
    assert code_of(await ada.log_in(totp="000000"), 401) == "wrong_second_factor"
    assert (await ada.log_in(totp=ada.code())).status_code == 200
    assert code_of(await ada.log_in(totp=ada.code()), 401) == "wrong_second_factor"
    assert (await ada.log_in(recovery_code=codes[0])).status_code == 200
    assert code_of(await ada.log_in(recovery_code=codes[0]), 401) == "wrong_second_factor"
    new = (await ada.post("recovery-codes")).json()["recovery_codes"]
    assert code_of(await ada.log_in(recovery_code=codes[1]), 401) == "wrong_second_factor"
    ada.wait()
    gone = await ada.post("totp/disable", password=PASSWORD, totp=ada.code())
    assert gone.json() == {
        "confirmed_at": None,
        "is_waiting": False,
        "recovery_codes_left": 0,
        "passkeys": 0,
    }
    assert (await ada.log_in()).status_code == 200
    assert code_of(await ada.post("recovery-codes"), 409) == "no_totp"
    assert code_of(await ada.post("totp/confirm", code="000000"), 409) == "no_totp"
    disabled = await ada.post("totp/disable", password=PASSWORD, recovery_code=new[0])
    assert code_of(disabled, 409) == "no_totp"


async def test_refusals_in_a_session_are_no_401(ada: Person) -> None:
    """Clients renew tokens after a 401; here the token is good, what came with it is not."""
    made = await ada.post("totp/enroll")
    assert made.status_code == 200
    assert code_of(await ada.post("totp/confirm", code="000000"), 403) == "wrong_proof"
    assert code_of(await ada.post("step-up"), 403) == "wrong_proof"
    assert code_of(await ada.post("step-up", password="not the password"), 403) == "wrong_proof"
    await ada.add()
    assert code_of(await ada.post("totp/enroll"), 409) == "totp_active"
    assert code_of(await ada.post("step-up", password=PASSWORD), 403) == "wrong_proof"
    refused = await ada.post("totp/disable", password="not the password", totp=ada.code())
    assert code_of(refused, 403) == "wrong_proof"


async def test_step_up_opens_what_is_guarded(ada: Person) -> None:
    """By the password first, by a code once there is an authenticator; the answer says until when."""
    ada.wait(STEP_UP_MS + 1)
    assert code_of(await ada.client.post("/api/keys", json=key_body()), 403) == "step_up_required"
    proved = await ada.post("step-up", password=PASSWORD)
    assert proved.json() == {"good_until": ada.bench.people.clock.now_ms() + STEP_UP_MS}
    assert (await ada.client.post("/api/keys", json=key_body())).status_code == 201
    codes = await ada.add()
    await ada.log_in(totp=ada.code())
    ada.wait(STEP_UP_MS + 1)
    assert code_of(await ada.post("recovery-codes"), 403) == "step_up_required"
    assert (await ada.post("step-up", recovery_code=codes[0])).status_code == 200
    assert (await ada.post("recovery-codes")).status_code == 200


async def test_too_many_wrong_codes_say_how_long_to_wait(ada: Person) -> None:
    """429 with Retry-After in seconds, at the log-in and in a session, each counted apart."""
    await ada.add()
    for _ in range(FREE_ATTEMPTS):
        assert code_of(await ada.log_in(totp="000000"), 401) == "wrong_second_factor"
    locked = await ada.log_in(totp=ada.code())
    assert code_of(locked, 429) == "too_many_attempts"
    assert locked.headers["retry-after"] == "30"
    for _ in range(FREE_ATTEMPTS):
        assert code_of(await ada.post("step-up", totp="000000"), 403) == "wrong_proof"
    locked = await ada.post("step-up", totp=ada.code())
    assert code_of(locked, 429) == "too_many_attempts"
    assert locked.headers["retry-after"] == "30"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("totp/confirm", {}),
        ("totp/confirm", {"code": "12345"}),
        ("totp/confirm", {"code": 123456}),
        ("totp/disable", {"totp": "123456"}),
        ("step-up", {"totp": "abcdef"}),
        ("step-up", {"recovery_code": "x" * 65}),
        ("step-up", {"password": "x" * 1025}),
        ("step-up", {"user_id": 2, "password": PASSWORD}),
        ("login", {"email": EMAIL, "password": PASSWORD, "totp": "12345\n"}),
        ("login", {"email": EMAIL, "password": PASSWORD, "recovery_code": "x" * 65}),
    ],
)
async def test_malformed_bodies_are_refused_without_what_they_held(
    ada: Person, path: str, asked: dict[str, Any]
) -> None:
    """400 names the field and repeats no secret."""
    answer = await ada.client.post(f"/api/auth/{path}", json=asked)
    assert code_of(answer, 400) == "invalid_request"
    assert PASSWORD not in answer.text
    assert "12345" not in answer.text


async def test_nobody_without_a_log_in_and_no_api_key(ada: Person) -> None:
    """401 without a token, 403 for a key, whatever its scopes are."""
    calls = ["totp/enroll", "totp/confirm", "totp/disable", "recovery-codes", "step-up"]
    del ada.client.headers["authorization"]
    for path in calls:
        assert code_of(await ada.post(path), 401) == "not_authenticated"
    bench = SignedBench()
    await bench.start()
    bot = await program(bench, scopes=["read", "trade", "withdraw"])
    caller = Caller(bench)
    for path in calls:
        answer = await caller.send(bot, "POST", f"/api/auth/{path}", b"{}")
        assert code_of(answer, 403) == "forbidden"
    assert (await caller.send(bot, "GET", "/api/auth/totp")).status_code == 403
