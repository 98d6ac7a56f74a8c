"""What the scenarios are told with: messages of a market `X-Y`, and a client that has its book."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

from tests.sdk.driver import Driver, sent

BOOK = "orderbook.X-Y"
BIDS = [["1.20", "5"], ["1.10", "1"]]
ASKS = [["1.30", "2"]]
Scenario = Callable[[], Driver]


def checksum(bids: list[list[str]], asks: list[list[str]]) -> int:
    levels = [*bids[:10], *asks[:10]]
    return crc32("|".join(":".join(level) for level in levels).encode())


def message(
    kind: str, sequence: int, previous: int | None, channel: str = BOOK, **fields: Any
) -> dict[str, Any]:
    head = {"channel": channel, "type": kind, "sequence": sequence, "previous": previous}
    return {**head, "time": 1_700_000_000_000 + sequence, **fields}


def snapshot(sequence: int = 7, bids: Any = BIDS, asks: Any = ASKS) -> dict[str, Any]:
    check = checksum(bids, asks)
    return message("snapshot", sequence, None, bids=bids, asks=asks, checksum=check)


def best_bid(
    sequence: int, previous: int, quantity: str, check: int | None = None
) -> dict[str, Any]:
    """An update that sets what stands at 1.20."""
    bids = [["1.20", quantity], *BIDS[1:]]
    check = checksum(bids, ASKS) if check is None else check
    changed = [["1.20", quantity]]
    return message("update", sequence, previous, bids=changed, asks=[], checksum=check)


def answer(actions: list[Any], op: str, **fields: Any) -> dict[str, Any]:
    """The answer to the first message of this kind in actions."""
    asked = next(one for one in sent(actions) if one["op"] == op)
    return {"id": asked["id"], "ok": True, **fields}


def refusal(actions: list[Any], op: str, status: int, code: str) -> dict[str, Any]:
    error = {"status": status, "code": code, "detail": "no", "title": "No"}
    return {**answer(actions, op), "ok": False, "error": error}


def live(*channels: str, **options: int) -> Driver:
    """A client with a good book (sequence 7)."""
    driver = Driver(**options)
    driver.subscribe(*(channels or (BOOK,)))
    driver.start()
    asked = driver.opened()
    driver.receive(answer(asked, "subscribe"))
    driver.receive(snapshot())
    return driver
