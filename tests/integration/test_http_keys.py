"""API keys over real HTTP and a real database: of `cse keys new`'s pair, bounded in a rush, gone when deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cse.adapters.keys.pair import write_key_pair
from cse.users.api_keys import BOUNDS
from tests.integration.http_exchange import PASSWORD
from tests.integration.http_server import Served, client, served_exchange


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


@pytest.fixture(scope="module")
def trader(served: Served) -> Iterator[httpx.Client]:
    with client(served) as made:
        yield made


@pytest.fixture
def person(served: Served, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Somebody new, logged in."""
    handle = f"p{abs(hash(request.node.nodeid)) % 10**12}"
    who = {"email": f"{handle}@example.com", "password": PASSWORD}
    with client(served, logged_in=False) as made:
        assert made.post("/api/auth/register", json={**who, "handle": handle}).status_code == 201
        token = made.post("/api/auth/login", json=who).json()["access_token"]
        made.headers["authorization"] = f"Bearer {token}"
        yield made


def body(**changes: Any) -> dict[str, Any]:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    return {"name": "bot", "public_key": public, "scopes": ["trade"], **changes}


def test_a_key_from_the_file_to_its_end(person: httpx.Client, tmp_path: Path) -> None:
    """Made, listed by others never, deleted once and for all."""
    public_key = write_key_pair(tmp_path / "bot.pem")
    answer = person.post("/api/keys", json=body(public_key=public_key, ip_allowlist=["::1"]))
    assert answer.status_code == 201, answer.text
    key = answer.json()["key"]
    assert (key["public_key"], key["ip_allowlist"]) == (public_key, ["::1/128"])
    assert person.get("/api/keys").json() == {"keys": [key], "next_cursor": None}
    gone = person.delete(f"/api/keys/{key['id']}").json()["key"]
    assert gone == key | {"revoked_at": gone["revoked_at"]}
    assert gone["revoked_at"] >= key["created_at"]
    assert person.get("/api/keys").json()["keys"] == []


def test_a_rush_of_requests_makes_no_more_than_allowed(person: httpx.Client) -> None:
    """Forty at once over several connections: twenty are made, the others are conflicts, nothing is a fault."""

    def make(_: int) -> int:
        return person.post("/api/keys", json=body()).status_code

    with ThreadPoolExecutor(8) as rush:
        statuses = list(rush.map(make, range(2 * BOUNDS.at_once)))
    assert statuses.count(201) == BOUNDS.at_once
    assert statuses.count(409) == BOUNDS.at_once
    assert len(person.get("/api/keys").json()["keys"]) == BOUNDS.at_once


def test_one_public_key_at_once_makes_one_key(person: httpx.Client) -> None:
    """A client that sends the same again and again before the first answer."""
    asked = body()
    with ThreadPoolExecutor(8) as rush:
        answers = list(rush.map(lambda _: person.post("/api/keys", json=asked), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    assert len(person.get("/api/keys").json()["keys"]) == 1


_TEXT = st.text(st.characters(codec="utf-8"), max_size=80)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
_FIELDS = ("name", "public_key", "scopes", "ip_allowlist", "expires_at", "kind")


@settings(max_examples=90, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from(_FIELDS), _JSON, min_size=1, max_size=3))
def test_whatever_stands_in_a_field_is_taken_or_refused(
    trader: httpx.Client, changes: dict[str, Any]
) -> None:
    """Never a 5xx; what is refused names its fields; what is taken is listed as it was answered.

    Fewer examples than keys can be made in a day.
    """
    answer = trader.post("/api/keys", json=body(**changes))
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 400:
        assert answer.json()["fields"], answer.text
        return
    key = answer.json()["key"]
    assert trader.get("/api/keys?limit=1").json()["keys"] == [key]
    assert trader.delete(f"/api/keys/{key['id']}").status_code == 200


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=300))
def test_whatever_bytes_come_as_a_body(trader: httpx.Client, raw: bytes) -> None:
    """They are refused as what they are: no such request."""
    answer = trader.post("/api/keys", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(key_id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_whatever_is_given_for_an_id(trader: httpx.Client, key_id: str) -> None:
    """There is no such key; nothing else happens."""
    path = "".join(f"%{byte:02X}" for byte in key_id.encode())
    assert trader.delete(f"/api/keys/{path}").status_code in {404, 405}
