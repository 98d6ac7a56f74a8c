"""docs/reference/websocket.md says what the code does: limits, operations, channels, close codes."""

import re
from pathlib import Path

import msgspec
import pytest

from cse.adapters.cache.redis import PREFIX as CACHE_PREFIX
from cse.gateway.relay.publisher import ALWAYS
from cse.gateway.ws import options
from cse.gateway.ws.asyncapi import _ORDER_OPS, TAKEN
from cse.gateway.ws.channels.candles import SNAPSHOT_CANDLES
from cse.gateway.ws.channels.trades import SNAPSHOT_TRADES
from cse.gateway.ws.session import CHANNELS_PER_MESSAGE
from cse.market_data import INTERVALS

TEXT = (Path(__file__).parents[4] / "docs/reference/websocket.md").read_text(encoding="utf-8")
ELSEWHERE = {"pace_ms", "check_session_ms", "send_timeout_ms", "allowed_origins", "compression"}
"""Said in words, or nothing that a client needs to know."""


@pytest.mark.parametrize("name", sorted(set(options.WsOptions.__struct_fields__) - ELSEWHERE))
def test_every_limit_is_in_the_table_with_its_default(name: str) -> None:
    """A limit that is written down is the one that is enforced."""
    default = msgspec.structs.asdict(options.WsOptions())[name]
    row = re.search(rf"^\| `{name}`[^|]*\| ([0-9,]+) \|", TEXT, re.MULTILINE)
    assert row, f"{name} is missing from the table"
    assert int(row[1].replace(",", "")) == default


def test_every_operation_is_in_the_table() -> None:
    """Those of the AsyncAPI document, no more and no less."""
    ops = {cls.__name__.lower() for cls in TAKEN} | set(_ORDER_OPS)
    section = TEXT.partition("## Operations")[2].partition("## Channels")[0]
    assert set(re.findall(r"^\| `([a-z._]+)`", section, re.MULTILINE)) - {"op"} == ops


def test_numbers_in_the_prose_are_those_of_the_code() -> None:
    """Depth of snapshots, pace, intervals, what a subscription costs, close codes."""
    assert f"the latest {SNAPSHOT_TRADES}, oldest first" in TEXT
    assert f"the latest {SNAPSHOT_CANDLES}, oldest first" in TEXT
    assert f"at most every {options.WsOptions().pace_ms} ms" in TEXT
    assert f"each {CHANNELS_PER_MESSAGE} channels" in TEXT
    assert " ".join(INTERVALS) in TEXT
    for name, code in vars(options).items():
        assert not name.startswith("CLOSE_") or f"{code} (" in TEXT


def test_the_names_in_redis_are_right() -> None:
    """A watcher that subscribes by this page hears something."""
    for kind in ALWAYS:
        assert f"`{kind}:{{market}}`" in TEXT
    assert f"`{CACHE_PREFIX}orderbook.{{market}}`" in TEXT
