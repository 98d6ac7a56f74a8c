"""Server-side request forgery: nobody makes the exchange fetch from where it should not, or too much, or for ever.

Servers really run, on loopback; addresses that do not lie there are only ever asked for, never reached.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httpcore
import pytest

from cse.adapters.outgoing.addresses import why_refused
from cse.adapters.outgoing.client import Bounds, Fetched, OutgoingHttp, Wanted
from cse.adapters.outgoing.errors import AnswerRefused, TargetRefused
from cse.adapters.outgoing.targets import Origin, origin_of
from cse.core.errors import Unavailable

PUBLIC = "93.184.216.34"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Recorded(httpcore.AsyncNetworkBackend):
    """Notes where connections would go, and makes none."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        raise httpcore.ConnectError("the test reaches nobody")


class Names:
    """A resolver whose answers change from one look-up to the next, as an attacker's do; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server on loopback; its origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except ConnectionError:  # the client left: that is what most of these tests are about
            writer.close()
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def says(head: str, body: bytes = b"") -> Serve:
    """A server that answers everybody the same."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return serve


async def never_answers(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads until the client leaves."""
    await reader.read()


JSON = says("HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 2", b"{}")


def people_named(connector: Recorded, names: Names | None = None) -> OutgoingHttp:
    """The client for URLs that people name: nothing private is allowed."""
    return OutgoingHttp(resolver=names or Names([PUBLIC]), connector=lambda: connector)


async def refused(url: str, *addresses: str) -> None:
    """The URL is refused, and nobody is connected to."""
    connector = Recorded()
    with pytest.raises(TargetRefused):
        await people_named(connector, Names(addresses or [PUBLIC])).fetch(Wanted(url))
    assert connector.asked == []


LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::"]  # addresses to refuse
PRIVATE = ["10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd00::1", "fec0::1"]
LINK_LOCAL = ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0"]
METADATA = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"]
IPV6_FORMS = [
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:93.184.216.34",
    "::127.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2606:2800::5efe:7f00:1",
]
OTHERS = [
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "2001:db8::1",
    "198.18.0.1",
    "x",
]


@pytest.mark.parametrize("address", LOOPBACK)
async def test_loopback_is_refused(address: str) -> None:
    """By a name that points there, whatever it looks like."""
    await refused("https://cdn.example.com/a.png", address)


@pytest.mark.parametrize("address", PRIVATE)
async def test_private_networks_are_refused(address: str) -> None:
    """Among them those of carriers and of IPv6."""
    await refused("https://cdn.example.com/a.png", address)


@pytest.mark.parametrize("address", LINK_LOCAL)
async def test_link_local_is_refused(address: str) -> None:
    """With and without a zone."""
    await refused("https://cdn.example.com/a.png", address)


@pytest.mark.parametrize("address", METADATA)
async def test_metadata_services_are_refused(address: str) -> None:
    """Also the one that has a public address."""
    await refused("https://cdn.example.com/a.png", address)


@pytest.mark.parametrize("address", IPV6_FORMS)
async def test_ipv4_inside_ipv6_is_refused(address: str) -> None:
    """Mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP: as a name's address and in the URL itself."""
    await refused("https://cdn.example.com/a.png", address)
    await refused(f"https://[{address}]/", address)


@pytest.mark.parametrize("address", OTHERS)
async def test_multicast_reserved_and_documentation_addresses_are_refused(address: str) -> None:
    """And what is no address at all."""
    await refused("https://cdn.example.com/a.png", address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_not_refused(address: str) -> None:
    """Or nothing could ever be fetched."""
    assert why_refused(address) is None


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "017700000001", "127.0.0.1."],
)
async def test_other_spellings_of_ip_addresses_are_refused(host: str) -> None:
    """Decimal, octal, hexadecimal, short: before anybody is asked what they mean."""
    names = Names([PUBLIC])
    with pytest.raises(TargetRefused):
        await people_named(Recorded(), names).fetch(Wanted(f"https://{host}/"))
    assert names.asked == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "unix:///run/docker.sock",
        "//example.com/",
        "https:///",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: x",
        "https://exa mple.com/",
        "https://example.com/" + "a" * 3_000,
        "not a url",
        "",
    ],
)
async def test_urls_with_other_schemes_credentials_or_tricks_are_refused(url: str) -> None:
    """Nothing is looked up, nobody is connected to."""
    names, connector = Names([PUBLIC]), Recorded()
    with pytest.raises(TargetRefused):
        await people_named(connector, names).fetch(Wanted(url))
    assert connector.asked == []
    assert names.asked == 0


async def test_a_name_with_one_private_address_among_public_ones_is_refused_whole() -> None:
    """Else a client that tries the next one after a failure would get there."""
    await refused("https://cdn.example.com/", PUBLIC, "10.0.0.1")


async def test_dns_rebinding_connects_to_the_address_that_was_checked() -> None:
    """The name means something private from the second look-up on: there is none, and the socket gets an address."""
    names, connector = Names([PUBLIC], ["127.0.0.1"]), Recorded()
    with pytest.raises(Unavailable):
        await people_named(connector, names).fetch(Wanted("https://rebind.example.com/"))
    assert connector.asked == [PUBLIC]
    assert names.asked == 1


async def test_a_redirect_to_loopback_is_refused() -> None:
    """The second host is never connected to, though the first one is allowed by the settings."""
    reached: list[bytes] = []

    async def secret(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await reader.readuntil(b"\r\n\r\n"))

    async with serving(secret) as inside:
        bouncing = says(f"HTTP/1.1 302 Found\nlocation: {inside}/admin\ncontent-length: 0")
        async with serving(bouncing) as first:
            client = OutgoingHttp([origin_of(first)])
            with pytest.raises(TargetRefused):
                await client.fetch(Wanted(f"{first}/"), Bounds(redirects=3))
    assert reached == []


async def test_redirects_are_followed_three_times_at_most_and_only_if_asked() -> None:
    """A circle ends; without being asked for a redirect is an answer like any other."""
    asked = 0

    async def circle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await says("HTTP/1.1 302 Found\nlocation: /again\ncontent-length: 0")(reader, writer)

    async with serving(circle) as origin:
        client = OutgoingHttp([origin_of(origin)])
        with pytest.raises(AnswerRefused):
            await client.fetch(Wanted(f"{origin}/"), Bounds(redirects=99))
        assert asked == 4
        answer = await client.fetch(Wanted(f"{origin}/"))
        assert (answer.status, asked) == (302, 5)


async def test_what_was_meant_for_the_first_host_is_not_sent_to_the_next() -> None:
    """No body, no Authorization header: a redirect must not carry secrets away."""
    heads: list[bytes] = []

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        )

    async with serving(other) as second:
        bouncing = says(f"HTTP/1.1 307 Moved\nlocation: {second}/\ncontent-length: 0")
        async with serving(bouncing) as first:
            client = OutgoingHttp([origin_of(first), origin_of(second)])
            wanted = Wanted(f"{first}/", "POST", {"authorization": "Bearer secret"}, b"secret")
            await client.fetch(wanted, Bounds(redirects=1))
    assert heads[0].startswith(b"GET ")
    assert b"secret" not in heads[0]


async def test_only_origins_of_the_settings_may_be_private() -> None:
    """Exactly those: another port, name or scheme of the same machine is refused."""
    async with serving(JSON) as allowed, serving(JSON) as neighbour:
        client = OutgoingHttp([origin_of(allowed)])
        assert await client.fetch(Wanted(f"{allowed}/")) == Fetched(200, "application/json", b"{}")
        for url in (
            neighbour,
            allowed.replace("http", "https"),
            allowed.replace("127.0.0.1", "localhost"),
        ):
            with pytest.raises(TargetRefused):
                await client.fetch(Wanted(url))
    assert origin_of("https://ID.example.com") == Origin("https", "id.example.com", 443)


async def test_proxies_of_the_environment_count_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy would look names up itself, unchecked."""
    async with serving(JSON) as origin, serving(never_answers) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        answer = await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"))
    assert answer.status == 200


@pytest.mark.parametrize("announced", [True, False])
async def test_a_size_bomb_is_cut_off(announced: bool) -> None:
    """Whether it says how large it is or just goes on."""
    sent = 0

    async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        length = b"content-length: 9999999999\r\n" if announced else b""
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n%b\r\n" % length)
        while sent < 50_000_000:
            writer.write(b" " * 65_536)
            sent += 65_536
            await writer.drain()

    async with serving(bomb) as origin:
        with pytest.raises(AnswerRefused):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"))
    assert sent < 50_000_000


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    """Nothing compressed is asked for, and nothing compressed is taken."""
    heads: list[bytes] = []
    packed = gzip.compress(b"0" * 5_000_000)

    async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(packed), packed)
        )

    async with serving(bomb) as origin:
        with pytest.raises(AnswerRefused):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"))
    assert b"accept-encoding: identity" in heads[0].lower()


async def test_a_slow_loris_is_left() -> None:
    """A byte now and then keeps nobody waiting for longer than the whole answer may take."""
    left = asyncio.Event()

    async def loris(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            for byte in b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + b"x" * 10**6:
                writer.write(bytes([byte]))
                await writer.drain()
                if reader.at_eof() or await _gone(reader):
                    break
        finally:
            left.set()

    async with serving(loris) as origin:
        with pytest.raises(Unavailable):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"), Bounds(seconds=0.2))
        await asyncio.wait_for(left.wait(), 30)


async def _gone(reader: asyncio.StreamReader) -> bool:
    """Wait a moment for the client to leave."""
    try:
        return await asyncio.wait_for(reader.read(1), 0.05) == b""
    except TimeoutError:
        return False


async def test_a_server_that_never_answers_is_left() -> None:
    """Connected, and then nothing."""
    async with serving(never_answers) as origin:
        with pytest.raises(Unavailable):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"), Bounds(seconds=0.1))


@pytest.mark.parametrize(
    "head", ["garbage", "HTTP/1.1 200 OK\ncontent-length: -1", "SSH-2.0-OpenSSH_9"]
)
async def test_what_is_no_http_is_refused(head: str) -> None:
    """Other services do not leak what they say."""
    async with serving(says(head)) as origin:
        with pytest.raises((AnswerRefused, Unavailable)):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/"))


async def test_another_content_type_is_refused() -> None:
    """A page is no JSON, whatever its URL ends in."""
    page = says("HTTP/1.1 200 OK\ncontent-type: text/html\ncontent-length: 2", b"{}")
    async with serving(page) as origin:
        with pytest.raises(AnswerRefused):
            await OutgoingHttp([origin_of(origin)]).fetch(Wanted(f"{origin}/a.json"))
