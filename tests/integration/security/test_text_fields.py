"""Stored XSS, template and SQL metacharacters, header and log injection in every text that people write: named tests.

The corpus is text_corpus.json. What is accepted comes back as the same JSON text, `application/json` with `nosniff`;
everything else is a 400; nothing is a 5xx, nothing is interpreted, and each line of a log stays one line.
"""

import json
import logging
import sys
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import structlog

from cse.entrypoints.logs import start_logging
from cse.settings import load_settings
from tests.integration.http_exchange import PASSWORD, HttpExchange, good, http_exchange
from tests.integration.identity.people import DATA, begin, reviewer
from tests.unit.users.authenticator import Authenticator

CORPUS: list[str] = json.loads(
    (Path(__file__).parent / "text_corpus.json").read_text(encoding="utf-8")
)
Write = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]
Read = Callable[[httpx.AsyncClient], Awaitable[list[str]]]


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


def written(field: str, text: Any, **more: Any) -> dict[str, Any]:
    """A JSON body, written as any program may write it: with lone surrogates, too."""
    body = json.dumps({**more, field: text})
    return {"content": body, "headers": {"content-type": "application/json"}}


def is_told_as_json(answer: httpx.Response) -> None:
    """No browser takes the answer for anything but JSON, whatever text is in it."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"] in {"application/json", "application/problem+json"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers
    json.loads(answer.content)


async def walk(client: httpx.AsyncClient, write: Write, read: Read) -> int:
    """Write every text of the corpus and read it back; return how many were accepted."""
    accepted = 0
    for text in CORPUS:
        before = await read(client)
        answer = await write(client, text)
        is_told_as_json(answer)
        now = await read(client)
        if answer.is_success:
            accepted += 1
            assert unicodedata.normalize("NFC", text).strip().replace("\r\n", "\n") in now, text
        else:
            assert answer.status_code == 400, (text, answer.text)
            assert now == before, text
    return accepted


async def shown(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    is_told_as_json(answer)
    return good(answer)


@pytest.mark.parametrize("field", ["display_name", "bio"])
async def test_stored_xss_in_the_profile(exchange: HttpExchange, field: str) -> None:
    """Bio and display name, as their owner and as strangers read them."""
    ada = await exchange.person("ada")

    async def write(client: httpx.AsyncClient, text: str) -> httpx.Response:
        return await client.patch("/api/profile", **written(field, text))

    async def read(client: httpx.AsyncClient) -> list[str]:
        own = await shown(client, "/api/profile")
        public = await shown(exchange.client(), "/api/people/ada")
        assert own[field] == public[field]
        return [own[field]]

    assert await walk(ada, write, read) > len(CORPUS) // 2


async def test_stored_xss_in_the_handle(exchange: HttpExchange) -> None:
    """A handle has letters, digits and underscores: nearly all of the corpus is refused, and nobody is there for it."""
    made = 0
    for number, text in enumerate(CORPUS):
        who = {"email": f"x{number}@example.com", "password": PASSWORD}
        answer = await exchange.client().post(
            "/api/auth/register", **written("handle", text, **who)
        )
        is_told_as_json(answer)
        assert answer.is_success or answer.status_code == 400, answer.text
        assert not answer.is_success or text.isalnum(), text
        made += answer.is_success
    for path in ("/api/people/null", "/api/people/undefined"):
        assert (await exchange.client().get(path)).status_code == 404
    assert made <= 4


async def test_stored_xss_in_the_path_of_a_person(exchange: HttpExchange) -> None:
    """Asking for a person by such text is a 404 of JSON, not a page with it."""
    await exchange.person("ada")
    for text in CORPUS:
        path = "/api/people/" + quote(text.encode("utf-8", "replace"), safe="")
        answer = await exchange.client().get(path)
        is_told_as_json(answer)
        assert answer.status_code in {400, 404}, text


async def test_stored_xss_in_names_of_api_keys(exchange: HttpExchange) -> None:
    """What its owner calls a key comes back as it was written, or is refused."""
    ada = await exchange.person("ada")

    async def write(client: httpx.AsyncClient, text: str) -> httpx.Response:
        for key in (await shown(client, "/api/keys"))["keys"]:
            good(await client.delete(f"/api/keys/{key['id']}"))
        more = {"kind": "hmac-sha256", "scopes": ["read"]}
        return await client.post("/api/keys", **written("name", text, **more))

    async def read(client: httpx.AsyncClient) -> list[str]:
        return [key["name"] for key in (await shown(client, "/api/keys"))["keys"]]

    for text in CORPUS:
        answer = await write(ada, text)
        is_told_as_json(answer)
        if answer.is_success:
            assert await read(ada) == [unicodedata.normalize("NFC", text).strip()]
        else:
            assert answer.status_code == 400, (text, answer.text)
            assert await read(ada) == []


async def test_stored_xss_in_labels_of_sub_accounts(exchange: HttpExchange) -> None:
    """A label that is accepted is shown as it is; one that is not changes nothing."""
    ada = await exchange.person("ada")
    made = good(await ada.post("/api/sub-accounts", json={"label": "first"}), 201)["sub_account"]

    async def write(client: httpx.AsyncClient, text: str) -> httpx.Response:
        path = f"/api/sub-accounts/{made['account_id']}"
        return await client.patch(path, **written("label", text))

    async def read(client: httpx.AsyncClient) -> list[str]:
        listed = (await shown(client, "/api/sub-accounts"))["sub_accounts"]
        return [each["label"] for each in listed]

    await walk(ada, write, read)


async def test_stored_xss_in_labels_of_passkeys(exchange: HttpExchange) -> None:
    """A label that is accepted is shown as it is; one that is not changes nothing."""
    ada, path = await exchange.person("ada"), "/api/auth/passkeys"
    options = good(await ada.post(f"{path}/options"))["public_key"]
    made = {"credential": Authenticator().create(options), "label": "first"}
    good(await ada.post(path, json=made), 201)
    passkey = (await shown(ada, path))["passkeys"][0]["id"]

    async def write(client: httpx.AsyncClient, text: str) -> httpx.Response:
        return await client.patch(f"{path}/{passkey}", **written("label", text))

    async def read(client: httpx.AsyncClient) -> list[str]:
        return [each["label"] for each in (await shown(client, path))["passkeys"]]

    assert await walk(ada, write, read) > 0


async def test_stored_xss_in_legal_names_of_identity_checks(exchange: HttpExchange) -> None:
    """Names have letters and few marks: no tag, formula or line gets in, and what does, staff reads as it is."""
    ada, staff = await exchange.person("ada"), await reviewer(exchange, "rea")
    check = await begin(ada)
    path, seen = f"/api/identity-checks/{check}", f"/api/admin/identity-checks/{check}"

    async def write(client: httpx.AsyncClient, text: str) -> httpx.Response:
        return await client.put(path, **written("data", {**DATA, "legal_name": text}))

    async def read(_client: httpx.AsyncClient) -> list[str]:
        return [(await shown(staff, seen))["data"]["legal_name"]]

    await walk(ada, write, read)
    assert not set((await read(ada))[0]) & set('<>{}$;"=\n')


async def test_stored_xss_in_what_a_browser_says_of_itself(exchange: HttpExchange) -> None:
    """The user agent of a log-in stands in the list of sessions, printable and as JSON."""
    await exchange.person("ada")
    who = {"email": "ada@example.com", "password": PASSWORD}
    for text in CORPUS:
        raw = text.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
        headers = {"user-agent": raw.replace(b"\x00", b"")}
        client = exchange.client()
        answer = await client.post("/api/auth/login", json=who, headers=headers)  # type: ignore[arg-type]  # bytes pass
        token = good(answer)["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        newest = (await shown(client, "/api/sessions"))["sessions"][0]
        assert newest["user_agent"].isprintable()
        good(await client.delete(f"/api/sessions/{newest['id']}"))


async def test_stored_xss_reaches_an_export_as_json_lines_only(exchange: HttpExchange) -> None:
    """One object a line, whatever text is in it, to be saved and not shown."""
    ada = await exchange.person("ada")
    for text in (CORPUS[0], 'x\n{"kind":"end"}'):
        good(await ada.patch("/api/profile", json={"bio": text}))
        answer = await ada.post("/api/account/export")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        lines = [json.loads(line) for line in answer.content.split(b"\n") if line]
        assert [each["data"]["bio"] for each in lines if each["kind"] == "profile"] == [text]
        assert [each["kind"] for each in lines].count("end") == 1


@pytest.fixture(params=["json", "pretty"])
def terminal(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[], str]]:
    """What a process writes to its terminal and file, in either format; logging is as before when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    (tmp_path / "logs").mkdir()
    overrides = {"data_dir": tmp_path, "log.format": request.param}
    start_logging(load_settings(overrides=overrides, environ={}), "gateway")
    told = StringIO()
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
            handler.setStream(told)
    yield told.getvalue
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_log_injection_by_any_text_is_one_line_in_either_format(
    terminal: Callable[[], str],
) -> None:
    """As many lines as events; no control that a terminal would obey."""
    for text in CORPUS:
        structlog.get_logger("gateway").info("profile_changed", bio=text)
    told = terminal()
    lines = told.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(CORPUS)
    for line in lines:
        assert "profile_changed" in line
        assert not any(char in line for char in "\r\x00\x1b\x85\u2028\u202e")
