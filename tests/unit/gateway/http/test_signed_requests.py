"""A request that an API key signs is let in as its owner wanted; changed, old, used or foreign ones are not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.gateway.client_address import ClientAddresses
from cse.gateway.limits import RateLimiter, class_limits
from cse.gateway.seen_signatures import AHEAD_MS, MAX_WINDOW_MS
from cse.gateway.signed import WINDOW_MS
from cse.users.api_keys import MIN_OVERLAP_MS
from cse.users.model import ED25519, HMAC
from tests.unit.gateway.http.test_key_routes import problem
from tests.unit.gateway.signing import KINDS, Caller, Program, SignedBench, program
from tests.unit.users.people import START_MS

READ = "/api/keys"
TARGET = "/api/balances"
CHANGE = "/api/orders/cancel-after"
BODY = b'{"timeout_ms": 0}'


@pytest.fixture
async def bench() -> SignedBench:
    made = SignedBench()
    await made.start()
    return made


@pytest.fixture
async def caller(bench: SignedBench) -> AsyncIterator[Caller]:
    made = Caller(bench)
    yield made
    await made.client.aclose()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_key_signs_is_its_owner_s(
    bench: SignedBench, caller: Caller, kind: str
) -> None:
    """Reading and trading, with a query and a body, of both kinds; the answer says what the key has left."""
    bot = await program(bench, kind)
    read = await caller.send(bot, "GET", TARGET)
    assert read.status_code == 200, read.text
    assert {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= read.headers.keys()
    listed = await caller.send(bot, "GET", "/api/orders?status=open&limit=5")
    assert listed.status_code == 200, listed.text
    changed = await caller.send(bot, "POST", CHANGE, BODY)
    assert changed.status_code == 200, changed.text
    head = await caller.send(bot, "HEAD", TARGET)
    assert head.status_code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_changed_on_the_way_breaks_the_signature(
    bench: SignedBench, caller: Caller, kind: str
) -> None:
    """Method, path, query, body, timestamp, key, signature: each is 401, and all alike."""
    bot, other = await program(bench, kind), await program(bench, kind)
    good = bot.headers("POST", CHANGE, BODY)
    json = {"content-type": "application/json"}
    changed = [
        ("POST", CHANGE, b'{"timeout_ms": 1}', good),
        ("POST", f"{CHANGE}?x=1", BODY, good),
        ("POST", "/api/orders", BODY, good),
        ("DELETE", "/api/orders", b"", bot.headers("GET", "/api/orders")),
        ("GET", "/api/orders?limit=6", b"", bot.headers("GET", "/api/orders?limit=5")),
        ("POST", CHANGE, BODY, {**good, "X-CSE-TIMESTAMP": str(START_MS - 1)}),
        ("POST", CHANGE, BODY, {**good, "X-CSE-TIMESTAMP": f"0{START_MS}"}),
        ("POST", CHANGE, BODY, {**good, "X-CSE-KEY": other.key_id}),
        ("POST", CHANGE, BODY, {**good, "X-CSE-KEY": "f" * 32}),
        ("POST", CHANGE, BODY, {**good, "X-CSE-KEY": "x"}),
        ("POST", CHANGE, BODY, {**good, "X-CSE-SIGNATURE": other.sign(b"x")}),
    ]
    details = set()
    for method, target, body, headers in changed:
        answer = await caller.client.request(
            method, target, content=body, headers={**headers, **json}
        )
        document = problem(answer, 401, "invalid_api_key")
        details.add(document["detail"])
        assert answer.headers["www-authenticate"] == 'CSE-Signature realm="cse"'
    assert len(details) == 1, "nothing tells which of them it was"
    assert (await caller.send(bot, "POST", CHANGE, BODY)).status_code == 200


async def test_keys_of_one_kind_open_nothing_with_the_other_s_signature(
    bench: SignedBench, caller: Caller
) -> None:
    """An HMAC keyed with the public key, with nothing, with the id; an Ed25519 signature for an HMAC key."""
    pair, shared = await program(bench, ED25519), await program(bench, HMAC)
    public = pair.private.public_key().public_bytes_raw()
    for secret in (public.hex(), "", pair.key_id, bytes(32).hex(), "None"):
        for key_id in (pair.key_id, shared.key_id, "f" * 32):
            forged = Program(key_id, secret, pair.private)
            problem(await caller.send(forged, "GET", TARGET), 401, "invalid_api_key")
    signs = Program(shared.key_id, None, pair.private)
    problem(await caller.send(signs, "GET", TARGET), 401, "invalid_api_key")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_timestamp_is_good_in_its_window_only(
    bench: SignedBench, caller: Caller, kind: str
) -> None:
    """From `X-CSE-RECV-WINDOW` ms ago to a second ahead, the ends included; the detail tells how far off."""
    bot = await program(bench, kind)
    for at_ms, window in (
        (START_MS - WINDOW_MS, None),
        (START_MS + AHEAD_MS, None),
        (START_MS - MAX_WINDOW_MS, MAX_WINDOW_MS),
        (START_MS - 1, 1),
    ):
        answer = await caller.send(bot, "GET", TARGET, at_ms=at_ms, window=window)
        assert answer.status_code == 200, answer.text
    for at_ms, window in (
        (START_MS - WINDOW_MS - 1, None),
        (START_MS + AHEAD_MS + 1, None),
        (START_MS + AHEAD_MS + 1, MAX_WINDOW_MS),
        (START_MS - 2, 1),
        (0, None),
        (10**15 - 1, None),
    ):
        answer = await caller.send(bot, "GET", TARGET, at_ms=at_ms, window=window)
        document = problem(answer, 401, "timestamp_outside_window")
        assert str(START_MS - at_ms) in document["detail"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-CSE-TIMESTAMP", ""),
        ("X-CSE-TIMESTAMP", "-1"),
        ("X-CSE-TIMESTAMP", "1e9"),
        ("X-CSE-TIMESTAMP", "²"),
        ("X-CSE-TIMESTAMP", "9" * 5_000),
        ("X-CSE-RECV-WINDOW", "0"),
        ("X-CSE-RECV-WINDOW", str(MAX_WINDOW_MS + 1)),
        ("X-CSE-RECV-WINDOW", "x"),
        ("X-CSE-SIGNATURE", ""),
        ("X-CSE-SIGNATURE", "zz" * 32),
        ("X-CSE-SIGNATURE", "é" * 64),
        ("X-CSE-SIGNATURE", "A" * 87 + "!"),
        ("Authorization", "Bearer x"),
    ],
)
async def test_a_header_that_cannot_be_is_named(
    bench: SignedBench, caller: Caller, name: str, value: str
) -> None:
    """401 with the header in `fields`, before any key is looked up."""
    headers = (await program(bench)).headers("GET", TARGET)
    raw = {**headers, name: value}
    answer = await caller.client.get(
        TARGET, headers=[(key.encode(), each.encode("latin-1")) for key, each in raw.items()]
    )
    assert problem(answer, 401, "invalid_api_key")["fields"].keys() == {name}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_signature_changes_something_once(
    bench: SignedBench, caller: Caller, kind: str
) -> None:
    """Sent again it is 401 `signature_used`, also in other letters and a hundred at once; reading may be repeated."""
    bot = await program(bench, kind)
    headers = {**bot.headers("POST", CHANGE, BODY), "content-type": "application/json"}
    sent = [caller.client.post(CHANGE, content=BODY, headers=headers) for _ in range(100)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 99
    if kind == HMAC:
        headers["X-CSE-SIGNATURE"] = headers["X-CSE-SIGNATURE"].upper()
    again = await caller.client.post(CHANGE, content=BODY, headers=headers)
    problem(again, 401, "signature_used")
    for _ in range(2):
        assert (await caller.send(bot, "GET", TARGET)).status_code == 200
    bench.people.clock.time_ms += MAX_WINDOW_MS  # the window is not signed: any copy may widen it
    headers["X-CSE-RECV-WINDOW"] = str(MAX_WINDOW_MS)
    again = await caller.client.post(CHANGE, content=BODY, headers=headers)
    problem(again, 401, "signature_used")
    later = await caller.send(bot, "POST", CHANGE, BODY, at_ms=bench.people.clock.now_ms())
    assert later.status_code == 200


async def test_only_good_signatures_are_remembered(bench: SignedBench, caller: Caller) -> None:
    """Strangers fill no memory; when the window is over, what was remembered is forgotten."""
    bot = await program(bench)
    stranger = Program(bot.key_id, "0" * 64, bot.private)
    for n in range(20):
        await caller.send(stranger, "POST", CHANGE, BODY, at_ms=START_MS - n)
    seen = bench.gateway.deps.signed._seen
    assert len(seen) == 0
    await caller.send(bot, "POST", CHANGE, BODY)
    assert len(seen) == 1
    bench.people.clock.time_ms += 2 * MAX_WINDOW_MS
    await caller.send(bot, "POST", CHANGE, BODY, at_ms=START_MS + 2 * MAX_WINDOW_MS)
    assert len(seen) == 1


async def test_a_key_opens_only_from_its_addresses(bench: SignedBench) -> None:
    """IPv4, IPv6, networks; what X-Forwarded-For claims counts only when a proxy of ours says it."""
    allowed = ["203.0.113.0/24", "2001:db8::/32", "198.51.100.9"]
    bot = await program(bench, ip_allowlist=allowed)
    for address, status in (
        ("203.0.113.255", 200),
        ("2001:db8:ffff::1", 200),
        ("::ffff:198.51.100.9", 200),
        ("203.0.114.1", 401),
        ("2001:db9::1", 401),
    ):
        assert (await Caller(bench, address).send(bot, "GET", TARGET)).status_code == status
    claims = {"X-Forwarded-For": "203.0.113.7"}
    spoofed = await Caller(bench, "192.0.2.1").send(bot, "GET", TARGET, extra=claims)
    problem(spoofed, 401, "invalid_api_key")
    bench.gateway.deps.addresses = ClientAddresses(["10.0.0.0/8"])
    bench.rebuild()
    through = await Caller(bench, "10.0.0.1").send(bot, "GET", TARGET, extra=claims)
    assert through.status_code == 200
    before = {"X-Forwarded-For": "203.0.113.7, 192.0.2.1"}
    problem(
        await Caller(bench, "10.0.0.1").send(bot, "GET", TARGET, extra=before),
        401,
        "invalid_api_key",
    )
    direct = await Caller(bench, "192.0.2.1").send(bot, "GET", TARGET, extra=claims)
    problem(direct, 401, "invalid_api_key")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_that_is_over_opens_nothing(
    bench: SignedBench, caller: Caller, kind: str
) -> None:
    """Revoked and expired ones, at once."""
    gone = await program(bench, kind)
    soon = await program(bench, kind, expires_at=START_MS + 10)
    for bot in (gone, soon):
        assert (await caller.send(bot, "GET", TARGET)).status_code == 200
    await bench.keys.revoke(1, gone.key_id)
    bench.people.clock.time_ms += 10
    for bot in (gone, soon):
        problem(await caller.send(bot, "GET", TARGET), 401, "invalid_api_key")


async def test_a_rotated_secret_is_good_beside_the_new_one_for_the_overlap(
    bench: SignedBench, caller: Caller
) -> None:
    """Both until it ends, the new one afterwards; a rotated key pair alike."""
    for kind in KINDS:
        old = await program(bench, kind)
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw().hex() if kind == ED25519 else None
        made = await bench.keys.rotate(1, old.key_id, public, MIN_OVERLAP_MS)
        assert made is not None
        new = Program(old.key_id, made.secret, private)
        now_ms = bench.people.clock.now_ms()
        for bot in (new, old):
            answer = await caller.send(bot, "GET", TARGET, at_ms=now_ms)
            assert answer.status_code == 200, answer.text
        bench.people.clock.time_ms += MIN_OVERLAP_MS
        now_ms = bench.people.clock.now_ms()
        problem(await caller.send(old, "GET", TARGET, at_ms=now_ms), 401, "invalid_api_key")
        assert (await caller.send(new, "GET", TARGET, at_ms=now_ms)).status_code == 200


async def test_a_key_has_a_bucket_of_its_own(bench: SignedBench) -> None:
    """What one key has used up, another key of the same person has still; the headers tell of the key's bucket."""
    wide = (1_000_000, 1_000_000)
    limits = class_limits(address=wide, account=wide, logins_per_minute=99, key=(1, 3))
    bench.gateway.deps.limiter = RateLimiter(limits, now_ns=bench.now_ns)
    bench.rebuild()
    caller = Caller(bench)
    greedy, other = await program(bench), await program(bench)
    left = [
        (await caller.send(greedy, "GET", TARGET)).headers["ratelimit-remaining"] for _ in "abc"
    ]
    assert left == ["2", "1", "0"]
    refused = await caller.send(greedy, "GET", TARGET)
    problem(refused, 429, "rate_limited")
    assert refused.headers["ratelimit-limit"] == "3"
    assert int(refused.headers["retry-after"]) >= 1
    assert (await caller.send(other, "GET", TARGET)).status_code == 200


async def test_an_address_pays_before_anything_is_looked_up(bench: SignedBench) -> None:
    """Guessing is 429 when the address has used its bucket up, without asking the store."""
    few = (1, 3)
    bench.gateway.deps.limiter = RateLimiter(
        class_limits(address=few, account=few, logins_per_minute=9, key=few), now_ns=bench.now_ns
    )
    bench.rebuild()
    caller, asked = Caller(bench), 0
    find = bench.people.api_keys.key

    async def counted(key_id: str) -> object:
        nonlocal asked
        asked += 1
        return await find(key_id)

    bench.people.api_keys.key = counted  # type: ignore[assignment,method-assign]  # counts look-ups
    stranger = Program("e" * 32, "0" * 64, (await program(bench)).private)
    statuses = [(await caller.send(stranger, "GET", TARGET)).status_code for _ in range(9)]
    assert statuses == [401] * 3 + [429] * 6
    assert asked == 3


async def test_no_secret_is_in_what_is_logged_or_shown(
    bench: SignedBench, caller: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the secret nor what it is sealed as: in output, reprs, the list of keys and refusals."""
    bot = await program(bench)
    await caller.send(bot, "GET", TARGET)
    refused = await caller.send(bot, "GET", TARGET, at_ms=1)
    key = bench.people.api_keys.keys[0]
    sealed = key.sealed_secret or b""
    out, err = capfd.readouterr()
    async with bench.client() as ann:
        listed = (await ann.get(READ)).text
    shown = out + err + repr(key) + refused.text + listed + repr(bench.people.trail.acts)
    assert bot.secret is not None
    for secret in (bot.secret, sealed.hex(), repr(sealed)):
        assert secret not in shown
    assert bytes.fromhex(bot.secret) not in sealed
