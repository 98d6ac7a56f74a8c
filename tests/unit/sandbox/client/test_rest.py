"""The client logs in by itself, stays logged in, and repeats only what can be repeated."""

from pathlib import Path

import msgspec
import pytest

from cse.core.errors import CseError
from cse.sandbox.client.credentials import CredentialStore, new_credentials
from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import RestClient
from tests.unit.sandbox.client.fake_exchange import (
    LOST_ANSWER,
    LOST_REQUEST,
    FakeExchange,
    problem,
)


def client(exchange: FakeExchange) -> RestClient:
    return RestClient("http://test", new_credentials("bot"), transport=exchange.transport)


async def test_a_fresh_log_in_is_registered_first() -> None:
    """And a known one is not registered again."""
    exchange = FakeExchange()
    async with client(exchange) as rest:
        await rest.log_in()
        assert rest.access_token == "a1"
        await rest.log_in()
    assert exchange.log == ["POST /api/auth/register", *["POST /api/auth/login"] * 2]


async def test_a_kept_log_in_that_the_exchange_does_not_know_is_registered(tmp_path: Path) -> None:
    """The file of log-ins may be older than the exchange's data."""
    exchange = FakeExchange()
    CredentialStore(tmp_path / "l.json").get("bot")
    kept = CredentialStore(tmp_path / "l.json").get("bot")
    async with RestClient("http://test", kept, transport=exchange.transport) as rest:
        await rest.log_in()
    tried = ["POST /api/auth/login", "POST /api/auth/register", "POST /api/auth/login"]
    assert exchange.log == tried


@pytest.mark.parametrize("faults", [[LOST_ANSWER], [LOST_REQUEST], [None, LOST_ANSWER]])
async def test_lost_answers_do_not_stop_a_log_in(faults: list[str | None]) -> None:
    """A registration whose answer was lost is found to be there."""
    exchange = FakeExchange()
    exchange.faults = list(faults)
    async with client(exchange) as rest:
        await rest.log_in()
        assert rest.access_token


async def test_an_expired_session_is_renewed_once() -> None:
    """401, a refresh, the same request again; a second 401 is a refusal."""
    exchange = FakeExchange()
    async with client(exchange) as rest:
        await rest.log_in()
        exchange.log.clear()
        exchange.faults = [problem(401, "token_expired")]
        assert await rest.get("/time") == {"time": 1}
        assert exchange.log == ["GET /api/time", "POST /api/auth/refresh", "GET /api/time"]
        exchange.faults = [problem(401, "token_expired"), None, problem(401, "session_revoked")]
        with pytest.raises(Refused, match="session_revoked"):
            await rest.get("/time")


async def test_a_refused_refresh_leads_to_a_log_in() -> None:
    """The refresh token may have been used by a request whose answer was lost."""
    exchange = FakeExchange()
    async with client(exchange) as rest:
        await rest.log_in()
        exchange.log.clear()
        exchange.faults = [problem(401, "token_expired"), problem(401, "refresh_token_reused")]
        await rest.get("/time")
    assert exchange.log[1:3] == ["POST /api/auth/refresh", "POST /api/auth/login"]


async def test_a_get_is_asked_until_answered_a_request_is_not() -> None:
    """Only `get` may repeat by itself."""
    exchange = FakeExchange()
    async with client(exchange) as rest:
        exchange.faults = [LOST_REQUEST, LOST_ANSWER, problem(503, "history_behind")]
        assert await rest.get("/time") == {"time": 1}
        exchange.faults = [LOST_REQUEST]
        with pytest.raises(NoAnswer):
            await rest.request("POST", "/orders", {})


async def test_a_deposit_is_repeated_under_one_key() -> None:
    """The exchange credits it once."""
    exchange = FakeExchange()
    async with client(exchange) as rest:
        exchange.faults = [LOST_ANSWER]
        answer = await rest.post_once("/sandbox/deposits", {"asset": "USDC", "amount": "1"}, "k1")
    assert answer == {"again": True}
    assert exchange.keys == {"k1"}


def test_log_ins_are_kept_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    """Made once, found again, readable by nobody else; and no password in a repr."""
    path = tmp_path / "deep" / "logins.json"
    made = CredentialStore(path).get("maker1")
    assert CredentialStore(path).get("maker1") == msgspec.structs.replace(made, fresh=False)
    assert CredentialStore(path).get("maker2") != made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.password not in repr(made)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """It is not overwritten."""
    path = tmp_path / "logins.json"
    path.write_text("[1]")
    with pytest.raises(CseError, match="holds no log-ins"):
        CredentialStore(path)
    assert path.read_text() == "[1]"
