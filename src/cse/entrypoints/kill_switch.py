"""`cse kill-switch`: stops markets of a running exchange through its API, as a person who may."""

from typing import Any, Final, NamedTuple

import httpx

from cse.core.errors import CseError

_TIMEOUT_S: Final = 10.0


class CannotStop(CseError):
    """The exchange did not do it, or cannot be reached; the message says why."""


class LogIn(NamedTuple):
    """Who stops."""

    email: str
    password: str
    totp: str | None = None

    def __repr__(self) -> str:
        return "LogIn(...)"


def kill(url: str, who: LogIn, mode: str, market: str | None, reason: str) -> list[str]:
    """Stop one market or (None) all and return a line for each.

    Raises:
        CannotStop: the exchange cannot be reached, or refuses.
    """
    body: dict[str, Any] = {"mode": mode, "reason": reason, "market": market}
    login: dict[str, Any] = {"email": who.email, "password": who.password}
    if who.totp:
        login["totp"] = who.totp
    try:
        with httpx.Client(base_url=url, timeout=_TIMEOUT_S) as client:
            tokens = _post(client, "/api/auth/login", login)
            client.headers["authorization"] = f"Bearer {tokens['access_token']}"
            done = _post(client, "/api/admin/kill-switch", body)
            client.post("/api/auth/logout")
    except httpx.HTTPError as error:
        raise CannotStop(f"no answer from {url}: {error}") from error
    return [f"{each['market']}: {each['before']} -> {each['status']}" for each in done["markets"]]


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    if not answer.is_success:
        raise CannotStop(f"{path}: {answer.status_code} {_detail(answer)}")
    told: dict[str, Any] = answer.json()
    return told


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
