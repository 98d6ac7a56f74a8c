"""The calls about API keys do what api.md says of them, for a logged-in person and nobody else."""

from base64 import b64encode
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from cse.core.errors import Unavailable
from cse.gateway.app import create_app
from cse.gateway.auth import Authenticator
from cse.gateway.limits import RateLimiter, class_limits
from cse.users.api_keys import BOUNDS
from cse.users.model import (
    ALL_SCOPES,
    Claims,
    KeyPrincipal,
    KeyRefused,
    NewUser,
    RefreshToken,
    Session,
)
from tests.unit.gateway.world import World as Gateway
from tests.unit.users.people import START_MS
from tests.unit.users.people import World as People


def session_of(user_id: int) -> str:
    """Return the id of a person's session."""
    return f"{user_id:032x}"


class Bench:
    """A gateway whose people are real; Ann (user 1) and Bob (user 2) are registered."""

    def __init__(self) -> None:
        self.people, self.gateway = People(), Gateway()
        self.assembled = self.people.assemble()
        self.keys = self.assembled.service.api_keys
        deps = self.gateway.deps
        deps.users = self.assembled.service
        deps.authenticator = Authenticator(
            self.assembled.tokens, self.assembled.revocations, self.people.clock
        )
        wide = (1_000_000, 1_000_000)
        deps.limiter = RateLimiter(class_limits(address=wide, account=wide, logins_per_minute=99))
        deps.registry = CollectorRegistry()
        self.app = create_app(deps)

    async def start(self) -> None:
        for name in ("ann", "bob"):
            await self.people.users.add_user(
                NewUser(f"{name}@example.com", name, name, "$2b$", 0, START_MS)
            )
        for user_id in (1, 2):
            await self.begin_session(user_id)

    async def begin_session(self, user_id: int) -> None:
        """Log somebody in now (a fresh log-in may change keys)."""
        now_ms = self.people.clock.now_ms()
        end = now_ms + 900_000_000
        session = Session(session_of(user_id), user_id, 999 + user_id, now_ms, end, end)
        token = RefreshToken(bytes([user_id]) * 32, now_ms, end)
        await self.people.sessions.add_session(session, token)

    def client(self, user_id: int | None = 1, scopes: frozenset[str] = ALL_SCOPES) -> Any:
        headers = {}
        if user_id is not None:
            claims = Claims(user_id, 999 + user_id, session_of(user_id), scopes, START_MS + 900_000)
            headers["authorization"] = f"Bearer {self.assembled.tokens.issue(claims)}"
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://cse.test", headers=headers)


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.start()
    return made


@pytest.fixture(scope="module")
def made_once() -> Bench:
    return Bench()


@pytest.fixture
async def untouched(made_once: Bench) -> Bench:
    """One for all tests that change nothing (making a gateway takes a while)."""
    if not made_once.people.users.users:
        await made_once.start()
    return made_once


def pair() -> tuple[Ed25519PrivateKey, str]:
    private = Ed25519PrivateKey.generate()
    return private, b64encode(private.public_key().public_bytes_raw()).decode()


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "maker", "public_key": pair()[1], "scopes": ["trade", "read"], **changes}


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["status"]) == (code, status)
    return document


async def test_a_key_is_made_listed_used_and_deleted(bench: Bench) -> None:
    """The whole life of one: what was asked comes back, the pair opens the door, then no more."""
    private, public = pair()
    asked = body(public_key=public, ip_allowlist=["203.0.113.0/24"], expires_at=START_MS + 1_000)
    async with bench.client() as ann:
        answer = await ann.post("/api/keys", json=asked)
        assert answer.status_code == 201, answer.text
        key = answer.json()["key"]
        assert key == {
            "id": key["id"],
            "account_id": 1_000,
            "name": "maker",
            "kind": "ed25519",
            "public_key": public,
            "scopes": ["read", "trade"],
            "ip_allowlist": ["203.0.113.0/24"],
            "created_at": START_MS,
            "expires_at": START_MS + 1_000,
            "last_used_at": None,
            "revoked_at": None,
            "old_until": None,
        }
        listed = await ann.get("/api/keys")
        assert listed.json() == {"keys": [key], "next_cursor": None}

        async def prove() -> KeyPrincipal | KeyRefused:
            return await bench.keys.verify(
                key["id"], message=b"m", signature=private.sign(b"m"), client_ip="203.0.113.9"
            )

        assert isinstance(await prove(), KeyPrincipal)
        gone = await ann.delete(f"/api/keys/{key['id']}")
        assert gone.status_code == 200
        assert gone.json()["key"]["revoked_at"] == START_MS
        assert await prove() == KeyRefused("revoked")
        assert (await ann.delete(f"/api/keys/{key['id']}")).json() == gone.json()
        assert (await ann.get("/api/keys")).json()["keys"] == []


async def test_hex_is_taken_and_base64_is_shown(bench: Bench) -> None:
    """Whichever way the public key was written, lists show one."""
    private, public = pair()
    raw = private.public_key().public_bytes_raw()
    async with bench.client() as ann:
        answer = await ann.post("/api/keys", json=body(public_key=raw.hex()))
        assert answer.json()["key"]["public_key"] == public


async def test_lists_go_on_from_the_newest(bench: Bench) -> None:
    """Page by page until `next_cursor` is null; another list's cursor is refused."""
    async with bench.client() as ann:
        for number in range(5):
            await ann.post("/api/keys", json=body(name=f"key {number}"))
        names, cursor, pages = [], "", 0
        while cursor is not None:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await ann.get("/api/keys", params=query)).json()
            names += [key["name"] for key in page["keys"]]
            cursor, pages = page["next_cursor"], pages + 1
        assert names == [f"key {number}" for number in (4, 3, 2, 1, 0)]
        assert pages == 3
        for wrong in ("x", "AQAAAAAAAAAAAAAAAAAAAAAA"):
            problem(await ann.get(f"/api/keys?cursor={wrong}"), 400, "invalid_cursor")
        problem(await ann.get("/api/keys?limit=0"), 400, "invalid_request")
        problem(await ann.get("/api/keys?user_id=2"), 400, "invalid_request")


async def test_somebody_else_s_key_is_not_there(bench: Bench) -> None:
    """Not in the list, and 404 to delete, word for word as a key that never was; it goes on."""
    private, public = pair()
    async with bench.client(1) as ann, bench.client(2) as bob:
        key_id = (await ann.post("/api/keys", json=body(public_key=public))).json()["key"]["id"]
        assert (await bob.get("/api/keys")).json()["keys"] == []
        stranger = problem(await bob.delete(f"/api/keys/{key_id}"), 404, "not_found")
        nowhere = problem(await bob.delete(f"/api/keys/{'f' * 32}"), 404, "not_found")
        assert stranger["detail"] == nowhere["detail"]
        answer = await bench.keys.verify(
            key_id, message=b"m", signature=private.sign(b"m"), client_ip=None
        )
        assert isinstance(answer, KeyPrincipal)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"public_key": ""}, "public_key"),
        ({"public_key": "not base64!"}, "public_key"),
        ({"public_key": "ab" * 31}, "public_key"),
        ({"public_key": b64encode(b"x" * 33).decode()}, "public_key"),
        ({"public_key": b64encode(bytes(32)).decode()}, "public_key"),
        ({"public_key": "A" * 100_000}, "public_key"),
        ({"public_key": None}, "public_key"),
        ({"public_key": 5}, "public_key"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\r\nSet-Cookie: x"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes[0]"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": ["read", "trade", "withdraw", "read"]}, "scopes"),
        ({"ip_allowlist": ["203.0.113.7/24"]}, "ip_allowlist"),
        ({"ip_allowlist": ["everywhere"]}, "ip_allowlist"),
        ({"ip_allowlist": ["10.0.0.1"] * 33}, "ip_allowlist"),
        ({"ip_allowlist": None}, "ip_allowlist"),
        ({"expires_at": START_MS}, "expires_at"),
        ({"expires_at": -1}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": 2**53}, "expires_at"),
        ({"kind": "hmac"}, "kind"),
        ({"id": "f" * 32}, "id"),
        ({"user_id": 2}, "user_id"),
        ({"account_id": 0}, "account_id"),
        ({"revoked_at": None}, "revoked_at"),
    ],
)
async def test_a_bad_field_is_named(untouched: Bench, changes: dict[str, Any], field: str) -> None:
    """400 with the field, also for those that are not the caller's to set; nothing is stored."""
    async with untouched.client() as ann:
        answer = await ann.post("/api/keys", json=body(**changes))
    document = problem(answer, 400, "invalid_request")
    assert document["fields"].keys() == {field}
    assert untouched.people.api_keys.keys == []


@pytest.mark.parametrize("missing", ["name", "public_key", "scopes"])
async def test_what_is_missing_is_named(untouched: Bench, missing: str) -> None:
    """The three fields that have no default."""
    asked = body()
    del asked[missing]
    async with untouched.client() as ann:
        document = problem(await ann.post("/api/keys", json=asked), 400, "invalid_request")
    assert document["fields"] == {missing: "is required"}


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{", b"\xff", b'{"a":' * 50_000], ids=range(6)
)
async def test_bodies_that_are_none_are_refused(untouched: Bench, raw: bytes) -> None:
    """No JSON, no object, bad UTF-8, too deep: a 400 problem."""
    headers = {"content-type": "application/json"}
    async with untouched.client() as ann:
        answer = await ann.post("/api/keys", content=raw, headers=headers)
        assert answer.status_code == 400
        form = await ann.post("/api/keys", content=b"{}", headers={"content-type": "text/plain"})
        problem(form, 415, "unsupported_media_type")


async def test_ids_that_cannot_be_are_not_there(untouched: Bench) -> None:
    """404 for whatever is no key's id; a body or a query is not what DELETE takes."""
    async with untouched.client() as ann:
        for key_id in ("x", "F" * 32, "%00", "%2e%2e", "'" * 32, "1" * 5_000, "\u0661" * 32):
            problem(await ann.delete(f"/api/keys/{key_id}"), 404, "not_found")
        problem(await ann.delete(f"/api/keys/{'f' * 32}?force=1"), 400, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", f"/api/keys/{'f' * 32}")],
)
async def test_only_a_log_in_opens_these_calls(untouched: Bench, method: str, path: str) -> None:
    """No token and a bad one are 401; what a key signs is test_signed_requests.py's and 403."""
    signed = {"x-cse-key": "f" * 32, "x-cse-timestamp": str(START_MS), "x-cse-signature": "AA=="}
    async with untouched.client(None) as nobody:
        problem(await nobody.request(method, path), 401, "not_authenticated")
        problem(await nobody.request(method, path, headers=signed), 401, "invalid_api_key")
        bad = {"authorization": "Bearer x"}
        problem(await nobody.request(method, path, headers=bad), 401, "invalid_token")


async def test_a_login_gives_no_scope_that_it_has_not(bench: Bench) -> None:
    """403; nothing is stored."""
    async with bench.client(1, frozenset({"read", "trade"})) as ann:
        answer = await ann.post("/api/keys", json=body(scopes=["read", "withdraw"]))
        assert "`withdraw`" in problem(answer, 403, "forbidden")["detail"]
        assert bench.people.api_keys.keys == []
        assert (await ann.post("/api/keys", json=body(scopes=["read"]))).status_code == 201


async def test_the_same_public_key_again_is_a_conflict(bench: Bench) -> None:
    """A retry after a lost answer makes no second key, and a deleted one does not come back."""
    asked = body()
    async with bench.client() as ann:
        key = (await ann.post("/api/keys", json=asked)).json()["key"]
        problem(await ann.post("/api/keys", json=asked), 409, "public_key_known")
        await ann.delete(f"/api/keys/{key['id']}")
        problem(await ann.post("/api/keys", json=asked), 409, "public_key_known")
        assert (await ann.get("/api/keys")).json()["keys"] == []


async def test_too_many_keys_are_a_conflict(bench: Bench) -> None:
    """The bound is told; deleting one makes room, until as many were made as a day allows."""
    async with bench.client() as ann:
        for _ in range(BOUNDS.at_once):
            assert (await ann.post("/api/keys", json=body())).status_code == 201
        document = problem(await ann.post("/api/keys", json=body()), 409, "too_many_keys")
        assert str(BOUNDS.at_once) in document["detail"]
        for _ in range(BOUNDS.per_day - BOUNDS.at_once):
            newest = (await ann.get("/api/keys?limit=1")).json()["keys"][0]["id"]
            await ann.delete(f"/api/keys/{newest}")
            assert (await ann.post("/api/keys", json=body())).status_code == 201
        newest = (await ann.get("/api/keys?limit=1")).json()["keys"][0]["id"]
        await ann.delete(f"/api/keys/{newest}")
        document = problem(await ann.post("/api/keys", json=body()), 409, "too_many_keys")
        assert str(BOUNDS.per_day) in document["detail"]


async def test_a_person_who_is_not_there_any_more_logs_in_again(bench: Bench) -> None:
    """A good token of a user whom this database does not know is 401, not a fault."""
    async with bench.client(77) as ghost:
        problem(await ghost.post("/api/keys", json=body()), 401, "invalid_token")
        assert (await ghost.get("/api/keys")).json()["keys"] == []


async def test_a_database_that_is_away_is_a_retryable_503(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three calls wait for it, and tell no more than that."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("the users' database is out of reach: /secret/path")

    for method in ("add_key", "keys_of", "key", "revoke_key"):
        monkeypatch.setattr(bench.people.api_keys, method, away)
    async with bench.client() as ann:
        for answer in (
            await ann.post("/api/keys", json=body()),
            await ann.get("/api/keys"),
            await ann.delete(f"/api/keys/{'f' * 32}"),
        ):
            document = problem(answer, 503, "unavailable")
            assert document["retryable"] is True
            assert "secret" not in answer.text


def test_the_calls_are_described(made_once: Bench) -> None:
    """With examples, their problems, and that they need a log-in."""
    document = made_once.gateway.app.app.openapi()
    calls = {
        ("get", "/api/keys"): {"200", "400", "401", "429", "503"},
        ("post", "/api/keys"): {"201", "400", "401", "403", "409", "415", "429", "503"},
        ("delete", "/api/keys/{key_id}"): {"200", "401", "404", "429", "503"},
    }
    for (method, path), statuses in calls.items():
        call = document["paths"][path][method]
        assert statuses <= set(call["responses"])
        assert call["security"] == [{"bearer": []}]
    fields = document["components"]["schemas"]["KeyCreateRequest"]["properties"]
    for name in ("name", "public_key", "scopes", "ip_allowlist"):
        assert fields[name]["examples"], name
    assert fields["scopes"]["items"]["enum"] == ["read", "trade", "withdraw"]
