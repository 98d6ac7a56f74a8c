"""Second factors over real HTTP and a real database: from enrolling to a lost phone, and nothing secret on the disk."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from cse.users.totp import STEP_SECONDS, code_at
from tests.integration.http_server import PASSWORD, Served, client, served_exchange

EMAIL = "ada@example.com"


class Exchange(NamedTuple):
    """What is served, and where its database lies."""

    served: Served
    folder: Path


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    folder = tmp_path_factory.mktemp("exchange")
    with served_exchange(folder) as served:
        yield Exchange(served, folder)


def log_in(caller: httpx.Client, **proof: str) -> httpx.Response:
    answer = caller.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD, **proof})
    if answer.status_code == 200:
        caller.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return answer


def good(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_two_factors_from_the_first_code_to_a_lost_phone(exchange: Exchange) -> None:
    """Enrol, confirm, log in with a code that races itself, recover, disable; then search the disk for the secrets."""
    who = {"email": EMAIL, "password": PASSWORD, "handle": "ada_f"}
    with client(exchange.served, logged_in=False) as ada:
        assert ada.post("/api/auth/register", json=who).status_code == 201
        good(log_in(ada))
        made = good(ada.post("/api/auth/totp/enroll"))
        secret = base64.b32decode(made["secret"])
        step = int(time.time()) // STEP_SECONDS
        first = good(ada.post("/api/auth/totp/confirm", json={"code": code_at(secret, step)}))
        codes = first["recovery_codes"]
        assert log_in(ada).json()["code"] == "second_factor_required"
        _race(exchange.served, code_at(secret, step + 1))
        good(log_in(ada, recovery_code=codes[0]))
        assert log_in(ada, recovery_code=codes[0]).json()["code"] == "wrong_second_factor"
        assert good(ada.get("/api/auth/totp"))["recovery_codes_left"] == 9
        _search_disk(exchange.folder, [secret, made["secret"].encode(), *map(str.encode, codes)])
        lost = {"password": PASSWORD, "recovery_code": codes[1]}
        assert good(ada.post("/api/auth/totp/disable", json=lost))["confirmed_at"] is None
        good(log_in(ada))


def _race(served: Served, code: str) -> None:
    """One code that comes eight times at once over as many connections opens one session."""

    def attempt(_: int) -> int:
        with client(served, logged_in=False) as caller:
            return log_in(caller, totp=code).status_code

    with ThreadPoolExecutor(8) as rush:
        statuses = list(rush.map(attempt, range(8)))
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 429}


def _search_disk(folder: Path, secrets: list[bytes]) -> None:
    """Look into every file of the exchange: the database, its log of writes, the journal."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        data = path.read_bytes()
        for secret in secrets:
            assert secret not in data, path
            assert secret.replace(b"-", b"") not in data, path
