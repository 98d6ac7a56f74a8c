"""The feeds over real sockets: 304 leaves the connection usable, limits count, pages of other origins may read."""

import http.client
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cse.gateway.limits import ClassLimits, Rate, RouteClass
from tests.integration.http_exchange import HttpExchange, http_exchange
from tests.integration.http_server import Served, served_exchange

FEEDS = (
    "/udf/config",
    "/udf/symbols?symbol=NOVA-USDC",
    "/api/feeds/coingecko/pairs",
    "/api/feeds/coinmarketcap/summary",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def test_a_connection_goes_on_after_304(served: Served) -> None:
    """Asked again with the tag, twice on one connection: 304 without a body, and then a whole answer."""
    address = urlsplit(served.url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    path = "/api/feeds/coingecko/pairs"
    connection.request("GET", path)
    first = connection.getresponse()
    whole = json.loads(first.read())
    for _ in range(2):
        connection.request("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        again = connection.getresponse()
        assert (again.status, again.read()) == (304, b"")
    connection.request("GET", path)
    assert json.loads(connection.getresponse().read()) == whole
    connection.close()


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    """An exchange where an address may make four public calls and then none for long."""
    slow = Rate(1, 3_600, 4)
    limits = dict.fromkeys(RouteClass, ClassLimits(slow, slow))
    async with http_exchange(
        tmp_path, limits=limits, cors_origins=("https://charts.test",)
    ) as running:
        yield running


async def test_feeds_are_limited_as_public_calls_are(limited: HttpExchange) -> None:
    """They are paid out of the address's bucket; when that is empty they are 429 with Retry-After."""
    client = limited.client(origin="https://charts.test")
    for path in FEEDS:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == "https://charts.test"
        assert "ratelimit-remaining" in answer.headers
    for path in FEEDS:
        refused = await client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["access-control-allow-origin"] == "https://charts.test"
