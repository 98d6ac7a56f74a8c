"""What a level lets people do, where trading takes level 1 and keys that withdraw level 2; how documents end."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.clock import SystemClock
from cse.adapters.sql.identity_checks import SqlIdentityStore
from cse.settings import Settings
from cse.settings.sections import IdentitySettings
from cse.users.identity_checks.documents import ORPHAN_S
from cse.users.identity_checks.known_levels import KnownLevels
from cse.users.secret_box import rotate_sealing_key
from tests.integration.http_exchange import (
    HttpExchange,
    deposit,
    good,
    http_exchange,
    order,
    problem,
)
from tests.integration.identity.people import (
    CHECKS,
    STAFF,
    add,
    begin,
    decide,
    picture,
    reach,
    reviewer,
    submit,
    user_id,
)
from tests.waiting import wait_until_async

BUY = order("buy", "1.0000", "1.00")
KEY = {"name": "mover", "scopes": ["read", "withdraw"], "kind": "hmac-sha256"}


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    identity = IdentitySettings(level_to_trade=1, level_to_withdraw=2)
    settings = Settings(data_dir=tmp_path, identity=identity)
    async with http_exchange(tmp_path, settings=settings) as running:
        yield running


async def lower(exchange: HttpExchange, staff: httpx.AsyncClient, name: str, level: int) -> None:
    path = f"/api/admin/users/{await user_id(exchange, name)}/identity-level"
    good(await staff.post(path, json={"level": level, "reason": "recheck"}))


async def test_who_is_checked_trades_and_who_no_more_is_cancels(exchange: HttpExchange) -> None:
    """Refused, approved, at once trading, lowered, at once refused again; the open order is cancelled all the same."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    await deposit(ann, "USDC", "100")
    problem(await ann.post("/api/orders", json=BUY), 403, "identity_level_too_low")
    assert [row["may_trade"] for row in good(await ann.get("/api/identity"))["levels"]] == [
        False,
        True,
        True,
        True,
    ]
    await reach(ann, rita, 1)
    good(await ann.post("/api/orders", json=BUY), 201)
    await lower(exchange, rita, "ann", 0)
    problem(await ann.post("/api/orders", json=BUY), 403, "identity_level_too_low")
    assert len(good(await ann.delete("/api/orders"))["order_ids"]) == 1


async def test_sub_accounts_have_their_persons_level(exchange: HttpExchange) -> None:
    """Nobody trades through a second account without being checked."""
    service = exchange.deps.concerns.identity_checks
    assert service is not None
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    made = good(await ann.post("/api/sub-accounts", json={"label": "second"}), 201)
    account_id = made["sub_account"]["account_id"]
    assert not service.may_trade(account_id)
    await reach(ann, rita, 1)
    assert service.may_trade(account_id)


async def test_another_process_knows_within_a_second(exchange: HttpExchange) -> None:
    """It reads what changed twice a second, and a level that was taken away counts there no more."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    known = await exchange.people.core.users.credentials("ann@example.com")
    assert known is not None
    levels = KnownLevels(SqlIdentityStore(exchange.engine), MemoryBus(), SystemClock())
    running = asyncio.create_task(levels.run())
    try:
        await reach(ann, rita, 1)
        account_id = known.user.account_id
        await wait_until_async(lambda: levels.of(account_id) == 1, 60, "the level to be known")
        await lower(exchange, rita, "ann", 0)
        await wait_until_async(lambda: levels.of(account_id) == 0, 60, "the level to be gone")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_keys_that_withdraw_take_level_two(exchange: HttpExchange) -> None:
    """Others do not; the level is asked when the key is made."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    await _prove_address(exchange, "ann")
    good(await ann.post("/api/keys", json=KEY | {"scopes": ["read"]}), 201)
    await reach(ann, rita, 1)
    problem(await ann.post("/api/keys", json=KEY), 403, "identity_level_too_low")
    await reach_next(ann, rita)
    good(await ann.post("/api/keys", json=KEY), 201)


async def reach_next(ann: httpx.AsyncClient, rita: httpx.AsyncClient) -> None:
    check = await begin(ann, 2)
    for kind in ("identity_document", "selfie"):
        good(await add(ann, check, kind, picture()), 201)
    await submit(ann, check)
    good(await decide(rita, check))


async def _prove_address(exchange: HttpExchange, name: str) -> None:
    async with exchange.engine.begin() as connection:
        await connection.execute(
            text("UPDATE users SET verified_at = 1 WHERE email = :email"),
            {"email": f"{name}@example.com"},
        )


async def test_documents_of_refused_checks_are_deleted_in_time(
    exchange: HttpExchange, tmp_path: Path
) -> None:
    """Not before; then the files are gone, the record stays, and a look at one is a 404."""
    service = exchange.deps.concerns.identity_checks
    assert service is not None
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    for _ in range(2):
        good(await add(ann, check, "selfie", picture()), 201)
    good(await ann.post(f"{CHECKS}/{check}/withdraw"))
    now_ms = exchange.deps.clock.now_ms()
    assert await service.documents.purge(now_ms - 60_000) == 0
    assert await service.documents.purge(now_ms + 60_000) == 2
    assert await service.documents.purge(now_ms + 60_000) == 0
    assert list((tmp_path / "documents").iterdir()) == []
    problem(await rita.get(f"{STAFF}/{check}/documents/1"), 404, "identity_check_not_found")
    (told,) = good(await ann.get(CHECKS))["checks"]
    assert all(each["deleted_at"] for each in told["documents"])


async def test_files_that_nobody_knows_are_deleted(exchange: HttpExchange, tmp_path: Path) -> None:
    """What a crash left behind goes after a day; what the database knows, what is new and what is not ours stay."""
    service = exchange.deps.concerns.identity_checks
    assert service is not None
    ann = await exchange.person("ann")
    good(await add(ann, await begin(ann), "selfie", picture()), 201)
    folder = tmp_path / "documents"
    (known,) = folder.iterdir()
    old = (known, folder / ("a" * 32), folder / ("b" * 32 + ".new"), folder / "readme.txt")
    for file in old[1:]:
        file.write_bytes(b"left")
    for file in old:
        os.utime(file, (0, 0))
    (folder / ("c" * 32)).write_bytes(b"new")
    assert await service.documents.purge(0) == 2
    assert {file.name for file in folder.iterdir()} == {known.name, "c" * 32, "readme.txt"}
    assert ORPHAN_S >= 3_600


async def test_a_new_sealing_key_leaves_documents_readable(exchange: HttpExchange) -> None:
    """`cse keys rotate-sealing`: what was sealed with the old key opens, new documents are sealed with the new one."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    good(await add(ann, check, "selfie", picture()), 201)
    rotate_sealing_key(exchange.people.core.box._store)
    exchange.people.core.box._keys = exchange.people.core.box._read()
    good(await add(ann, check, "selfie", picture()), 201)
    for document in (1, 2):
        answer = await rita.get(f"{STAFF}/{check}/documents/{document}")
        assert answer.content.startswith(b"\xff\xd8\xff")
