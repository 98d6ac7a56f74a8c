"""Header and log injection, SQL and template metacharacters: what clients send stays a value wherever it goes."""

import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import structlog

from cse.entrypoints.logs import start_logging
from cse.settings import load_settings
from tests.integration.http_exchange import HttpExchange, good, http_exchange, order, problem
from tests.integration.http_server import Served, served_exchange

META = (
    "' OR '1'='1",
    '"; DROP TABLE users; --',
    "1); SELECT pg_sleep(9)--",
    "%27%20OR%201=1",
    "\\'; --",
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "%(name)s{0}{user}",
    "../../etc/passwd",
    "%",
    "_%_",
    "a\x00b",
    "$(id)`id`",
    "=cmd|' /C calc'!A0",
)


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def _operations(exchange: HttpExchange, method: str) -> list[tuple[str, dict[str, Any]]]:
    paths = exchange.app.app.openapi()["paths"]
    return [(path, item[method]) for path, item in paths.items() if method in item]


async def test_metacharacters_in_every_parameter(exchange: HttpExchange) -> None:
    """Every query and path parameter of every GET: 400, 404 or an answer that is as empty as for any other
    text, never a 5xx, never evaluated.
    """
    ada = await exchange.trader("ada")
    asked = 0
    for path, operation in _operations(exchange, "get"):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] not in {"query", "path"}:
                continue
            for text in META:
                name, value = parameter["name"], quote(text, safe="")
                filled = re.sub(r"\{" + name + r"[^}]*\}", value, path)
                filled = re.sub(r"\{[^}]*\}", "1", filled)
                url = f"{filled}?{name}={value}" if parameter["in"] == "query" else filled
                answer = await ada.get(url)
                asked += 1
                assert answer.status_code < 500, (url, answer.text)
                if answer.status_code >= 400:
                    assert "49" not in answer.json()["detail"], (url, "it was evaluated")
    assert asked > 500


@pytest.mark.parametrize("text", META)
async def test_metacharacters_in_every_text_of_an_order(exchange: HttpExchange, text: str) -> None:
    """Refused by name, field by field, and the book and the money stay what they were."""
    ada = await exchange.trader("ada")
    before = good(await ada.get("/api/balances"))
    for field in order("buy", "1.2000", "1.00"):
        answer = await ada.post("/api/orders", json=order("buy", "1.2000", "1.00") | {field: text})
        assert answer.status_code in {400, 404}, answer.text
    named = order("buy", "1.2000", "1.00", client_order_id=text)
    answer = await ada.post("/api/orders", json=named)
    if re.fullmatch(r"[A-Za-z0-9._:/-]{1,36}", text):  # a name is a name, and opens no file
        assert good(answer, 201)["order"]["client_order_id"] == text
        good(await ada.delete("/api/orders"))
    else:
        assert set(problem(answer, 400, "invalid_request")["fields"]) == {"client_order_id"}
    assert good(await ada.get("/api/balances")) == before


def _ask(served: Served, raw: bytes) -> bytes:
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as client:
        client.sendall(raw)
        told = b""
        while piece := client.recv(65_536):
            told += piece
        return told


@pytest.mark.parametrize("breaks", [b"\r", b"\n", b"\r\n", b"\x00", b"\x0b", b"\xe5\x98\x8a"])
@pytest.mark.parametrize("header", [b"X-Request-Id", b"Origin", b"User-Agent", b"Idempotency-Key"])
def test_header_injection_by_header_values(served: Served, header: bytes, breaks: bytes) -> None:
    """A line break within a value makes a header of the request at most, never one of the answer."""
    raw = (
        b"GET /api/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s: abc%sX-Injected: 1\r\n\r\n"
    )
    head = _ask(served, raw % (header, breaks)).partition(b"\r\n\r\n")[0]
    assert head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 "))
    assert b"injected" not in head.lower()


@pytest.mark.parametrize(
    "encoded", ["%0d%0aX-Injected:%201", "%0aX-Injected:1", "%E5%98%8AX-Injected"]
)
def test_header_injection_by_the_url(served: Served, encoded: str) -> None:
    """Encoded line breaks in paths and queries come back in no header."""
    for path in (f"/{encoded}", f"/api/markets/{encoded}", f"/api/markets?x={encoded}"):
        raw = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        head = _ask(served, raw).partition(b"\r\n\r\n")[0]
        assert b"\nx-injected" not in head.lower()


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """The log of a process, as the exchange writes it; logging is as before when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    (tmp_path / "logs").mkdir()
    overrides = {"data_dir": tmp_path, "log.format": "json"}
    start_logging(load_settings(overrides=overrides, environ={}), "gateway")
    yield tmp_path / "logs" / "gateway.log"
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


FORGED = 'x\r\n{"event": "forged", "level": "info"}\n\x1b[2K\u2028\u0085forged'


def test_log_injection(log_file: Path) -> None:
    """What looks like further lines, to programs or on a terminal, is one JSON line with the text escaped."""
    structlog.get_logger("gateway").warning("request_failed", user_agent=FORGED, path=FORGED)
    structlog.get_logger("gateway").warning(FORGED)
    logging.getLogger("cse.any").warning("of %s", FORGED)
    lines = log_file.read_bytes().split(b"\n")
    assert lines.pop() == b""
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told] == ["request_failed", FORGED, f"of {FORGED}"]
    assert told[0]["user_agent"] == FORGED
    assert all(0x20 <= byte < 0x7F for line in lines for byte in line)
