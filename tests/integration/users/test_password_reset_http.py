"""Password reset over HTTP: nobody has to log in, and answers tell nobody whether an address is registered."""

from collections.abc import Iterator

import pytest

from tests.integration.http_exchange import PASSWORD
from tests.integration.http_server import Served, client, served_exchange


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def test_known_and_unknown_addresses_get_the_same_answer(served: Served) -> None:
    """202 and the same bytes for both; an address that is none is 400."""
    with client(served, logged_in=False) as made:
        who = {"email": "reset@example.com", "password": PASSWORD, "handle": "reset_me"}
        assert made.post("/api/auth/register", json=who).status_code == 201
        answers = [
            made.post("/api/auth/password-reset", json={"email": email})
            for email in ("reset@example.com", "nobody@example.com")
        ]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].content == answers[1].content
        assert made.post("/api/auth/password-reset", json={"email": "x"}).status_code == 400


def test_a_token_that_is_none_is_refused(served: Served) -> None:
    """400 that names the token."""
    with client(served, logged_in=False) as made:
        body = {"token": "x" * 43, "password": "a much better password"}
        answer = made.post("/api/auth/password-reset/confirm", json=body)
        assert answer.status_code == 400
        assert "token" in answer.json()["fields"]
