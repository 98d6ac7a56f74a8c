"""Over a real socket and a real server: what no in-process client can show."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.http_server import Served, client, served_exchange


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def talk(served: Served, raw: bytes) -> bytes:
    """Everything that the server says to these bytes until it hangs up or is quiet for long."""
    host, _, port = served.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(raw)
        said = b""
        while piece := connection.recv(65_536):
            said += piece
        return said


def test_a_body_that_keeps_coming_is_cut_off(served: Served) -> None:
    """A chunked body past the limit gets 413 while it still comes, and the connection ends."""
    head = (
        b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer "
        + served.token.encode()
        + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"1000\r\n" + b" " * 4_096 + b"\r\n"
    said = talk(served, head + chunk * 70)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in said.lower()
    assert b'"code":"body_too_large"' in said


def test_a_length_that_is_too_large_is_refused_unread(served: Served) -> None:
    """Content-Length alone is enough; no byte of the body is waited for."""
    said = talk(
        served, b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http_does_no_harm(served: Served, raw: bytes) -> None:
    """Nonsense is hung up on; the next client is served as ever."""
    said = talk(served, raw)
    assert said == b"" or said.startswith(b"HTTP/1.1 400")
    with client(served) as asked:
        assert asked.get("/api/time").status_code == 200


def test_one_connection_serves_many_calls(served: Served) -> None:
    """Keep-alive goes on over refusals, empty answers and HEAD."""
    with client(served) as asked:
        codes = [
            asked.get("/api/balances").status_code,
            asked.head("/api/markets").status_code,
            asked.post("/api/orders", content=b"{").status_code,
            asked.options("/api/orders").status_code,
            asked.get("/static/home.js").status_code,
            asked.get("/api/time").status_code,
        ]
        assert codes == [200, 200, 400, 204, 200, 200]
        transport = asked._transport
        assert isinstance(transport, httpx.HTTPTransport)
        assert len(transport._pool.connections) == 1


def test_orders_placed_at_once_are_all_answered(served: Served) -> None:
    """Fifty requests in one write come back as fifty answers in their order."""
    body = b'{"market":"NOVA-USDC","side":"buy","type":"limit","price":"1.2000","quantity":"1.00"}'
    one = (
        b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer "
        + served.token.encode()
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    last = b"GET /api/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    said = talk(served, one * 50 + last)
    assert said.count(b"HTTP/1.1 201 ") == 50
    assert said.count(b"HTTP/1.1 200 ") == 1
