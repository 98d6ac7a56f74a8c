"""docs/reference/websocket.md says what the code does: limits, operations, channels, close codes."""

import re
from pathlib import Path

import msgspec
import pytest

from cse.adapters.cache.redis import PREFIX as CACHE_PREFIX
from cse.gateway.price_steps import MAX_STEP_TICKS
from cse.gateway.relay.publisher import ALWAYS
from cse.gateway.ws import options
from cse.gateway.ws.asyncapi import _ORDER_OPS, TAKEN
from cse.gateway.ws.channels.book import STEP_PACE_MS
from cse.gateway.ws.channels.candles import SNAPSHOT_CANDLES
from cse.gateway.ws.channels.missed import MAX_ROWS, MAX_WAITING, MESSAGE_ROWS
from cse.gateway.ws.channels.names import DEPTHS, PACES_MS, RESERVED, ChannelKind, parse
from cse.gateway.ws.channels.own_orders import ASKED_AT_ONCE
from cse.gateway.ws.channels.ticker import TICKERS_PACE_MS
from cse.gateway.ws.channels.trades import SNAPSHOT_TRADES
from cse.gateway.ws.session import CHANNELS_PER_MESSAGE
from cse.market_data import INTERVALS
from cse.market_data.grouped import IDLE_MS, MAX_STEPS

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
    assert f"at most every {TICKERS_PACE_MS:,} ms" in TEXT
    assert f"zero: gone; at most every {STEP_PACE_MS} ms" in TEXT
    assert f"each {CHANNELS_PER_MESSAGE} channels" in TEXT
    assert f"N: {' '.join(map(str, DEPTHS))}. PACE: {' '.join(PACES_MS)}." in TEXT
    assert f"at most {MAX_STEP_TICKS:,} ticks" in TEXT
    assert f"a market has {MAX_STEPS} at once" in TEXT
    assert f"makes room after {IDLE_MS // 1_000} s" in TEXT
    assert f"up to {MESSAGE_ROWS} orders and fills each" in TEXT
    assert f"more than {MAX_ROWS:,} orders or fills" in TEXT
    assert f"{ASKED_AT_ONCE} connections of an account, {MAX_WAITING:,} of the exchange" in TEXT
    assert " ".join(INTERVALS) in TEXT
    for name, code in vars(options).items():
        assert not name.startswith("CLOSE_") or f"{code} (" in TEXT


def test_every_kind_of_channel_is_in_the_table() -> None:
    """Those of the grammar, no more and no less; each named as it is parsed; names to come are said, too."""
    section = TEXT.partition("| Channel | Snapshot | Update |")[2].partition("**Checksum.**")[0]
    named = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
    values = {
        "MARKET": "A-B", "INTERVAL": "1m", "FUNCTION": "sma", "N": "20", "PACE": "100ms", "STEP": "0.5",
    }  # fmt: skip
    kinds = [
        parse(re.sub(r"\b[A-Z]+\b", lambda word: values[word[0]], name)).kind for name in named
    ]
    assert sorted(kinds) == sorted(ChannelKind)
    for name in RESERVED:
        assert f"`{name}`" in section


def test_the_names_in_redis_are_right() -> None:
    """A watcher that subscribes by this page hears something."""
    for kind in ALWAYS:
        assert f"`{kind}:{{market}}`" in TEXT
    assert f"`{CACHE_PREFIX}orderbook.{{market}}`" in TEXT
