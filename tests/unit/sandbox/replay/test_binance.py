"""Binance recordings are read exactly, and their book is known only as long as no update is missing."""

import gzip
from pathlib import Path

import pytest

from cse.sandbox.replay.binance import (
    DepthSnapshot,
    DepthUpdate,
    Line,
    RecordedBook,
    RecordedTrade,
    parse_line,
    read_lines,
)
from cse.sandbox.replay.steps import ReplayError

TRADE = '5 {"stream":"x@trade","data":{"e":"trade","p":"2683.80000000","q":"0.00200000","m":true}}'
DEPTH = (
    '6 {"stream":"x@depth@100ms","data":{"e":"depthUpdate","U":3,"u":5,'
    '"b":[["2683.80000000","0.00000000"]],"a":[["2684.00000000","1.00000001"]]}}'
)
TICKER = '7 {"stream":"x@bookTicker","data":{"u":9,"b":"1.0","B":"1.0","a":"1.0","A":"1.0"}}'
SNAPSHOT = '8 {"lastUpdateId":4,"bids":[["1.00000000","2.00000000"]],"asks":[]}'


def test_each_kind_of_line_is_read() -> None:
    """Eight decimals as integers; what a replay does not need is passed over."""
    assert parse_line(TRADE) == Line(5, RecordedTrade(268_380_000_000, 200_000, True))
    assert parse_line(DEPTH) == Line(
        6, DepthUpdate(3, 5, [(268_380_000_000, 0)], [(268_400_000_000, 100_000_001)])
    )
    assert parse_line(TICKER) == Line(7, None)
    assert parse_line(SNAPSHOT) == Line(8, DepthSnapshot(4, [(100_000_000, 200_000_000)], []))


@pytest.mark.parametrize(
    "bad",
    ["", "x {}", "5 {", "5 []", "5 {}", TRADE.replace("2683.8", "-3"), DEPTH.replace('"U"', '"V"')],
)
def test_a_malformed_line_is_named(tmp_path: Path, bad: str) -> None:
    """Cut off, no JSON, missing fields, no price."""
    path = tmp_path / "r.jsonl"
    path.write_text(f"{TRADE}\n{bad}\n")
    with pytest.raises(ReplayError, match=r"r\.jsonl: line 2 is malformed"):
        list(read_lines(path))


def test_plain_and_gzipped_files_read_the_same_and_damage_is_told(tmp_path: Path) -> None:
    """A truncated archive does not end quietly."""
    plain, packed = tmp_path / "r.jsonl", tmp_path / "r.jsonl.gz"
    plain.write_text(f"{TRADE}\n{DEPTH}\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_lines(plain)) == list(read_lines(packed))
    assert len(list(read_lines(plain, limit=1))) == 1
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(ReplayError, match="cannot be read"):
        list(read_lines(packed))


def update(first: int, last: int, *bids: tuple[int, int]) -> DepthUpdate:
    return DepthUpdate(first, last, list(bids), [])


def test_the_book_follows_snapshot_and_updates() -> None:
    """Older updates are passed over, newer ones change levels; deeper prices are behind a given one."""
    book = RecordedBook()
    book.apply(update(1, 2, (50, 1)))
    assert not book.known
    book.apply(DepthSnapshot(10, [(100, 1), (99, 2), (98, 3)], [(101, 5)]))
    book.apply(update(8, 10, (100, 9)))
    book.apply(update(9, 12, (99, 0), (97, 4)))
    assert book.best("buy", 5, None) == [(100, 1), (98, 3), (97, 4)]
    assert book.best("buy", 1, 100) == [(98, 3)]
    assert book.best("sell", 5, 101) == []


def test_a_missed_update_makes_the_book_unknown() -> None:
    """Until the next snapshot nothing is quoted from it."""
    book = RecordedBook()
    book.apply(DepthSnapshot(10, [(100, 1)], []))
    book.apply(update(13, 14, (99, 1)))
    assert not book.known
    assert book.best("buy", 5, None) == []
    book.apply(DepthSnapshot(20, [(90, 1)], []))
    assert book.best("buy", 5, None) == [(90, 1)]
