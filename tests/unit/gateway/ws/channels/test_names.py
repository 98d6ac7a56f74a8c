"""The grammar of channel names: each is taken apart and put together to the same text; others are 404, saying why."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.channels.names import DEPTHS, PACES_MS, ChannelKind, ChannelName, parse
from cse.market_data import INTERVALS

K = ChannelKind
M = "NOVA-USDC"
NAMES = [
    (f"orderbook.{M}", ChannelName(K.BOOK, M, ())),
    *(
        (f"orderbook.{M}.{depth}@{pace}", ChannelName(K.TOP, M, (str(depth), pace)))
        for depth in DEPTHS
        for pace in PACES_MS
    ),
    (f"orderbook.{M}.step=0.01", ChannelName(K.STEP, M, ("0.01",))),
    (f"orderbook.{M}.step=250", ChannelName(K.STEP, M, ("250",))),
    (f"bbo.{M}", ChannelName(K.BBO, M, ())),
    (f"trades.{M}", ChannelName(K.TRADES, M, ())),
    (f"ticker.{M}", ChannelName(K.TICKER, M, ())),
    ("tickers", ChannelName(K.TICKERS, "", ())),
    ("status", ChannelName(K.STATUS, "", ())),
    *((f"candles.{M}.{each}", ChannelName(K.CANDLES, M, (each,))) for each in INTERVALS),
    (f"indicators.{M}.1h.sma", ChannelName(K.INDICATORS, M, ("1h", "sma"))),
    (
        f"indicators.{M}.1h.bbands(timeperiod=20,nbdevup=2.5)",
        ChannelName(K.INDICATORS, M, ("1h", "bbands(timeperiod=20,nbdevup=2.5)")),
    ),
    ("user.orders", ChannelName(K.USER_ORDERS, "", ())),
    ("user.balances", ChannelName(K.USER_BALANCES, "", ())),
]


@pytest.mark.parametrize(("text", "name"), NAMES, ids=[text for text, _ in NAMES])
def test_names_are_taken_apart_and_put_together(text: str, name: ChannelName) -> None:
    """Both ways, for every form."""
    assert parse(text) == name
    assert str(name) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("liquidations.NOVA-USDC", "yet to come"),
        ("auctions", "yet to come"),
        (f"orderbook.{M}.7@100ms", "5, 10, 20, 50"),
        (f"orderbook.{M}.05@100ms", "5, 10, 20, 50"),
        (f"orderbook.{M}.20@50ms", "250ms"),
        (f"orderbook.{M}.20", "250ms"),
        (f"orderbook.{M}.step=0.010", "needless zeros"),
        (f"orderbook.{M}.step=01", "needless zeros"),
        (f"orderbook.{M}.step=-1", "plain decimal"),
        (f"orderbook.{M}.step=1e3", "plain decimal"),
        (f"orderbook.{M}.step=", "plain decimal"),
        (f"orderbook.{M}.step=\u0661", "plain decimal"),
        (f"candles.{M}.2m", "1s 1m"),
        (f"indicators.{M}.1h", "a function"),
        (f"indicators.{M}.1h.sma(", "a function"),
        (f"indicators.{M}.2h30.sma", "1s 1m"),
        ("bbo." + "x" * 200, "128"),
        (f"bbo.{M}.", "no channel"),
        (f"bbo.{M}.5", "no channel"),
        ("bbo.*", "no channel"),
        ("bbo.A:B", "no channel"),
        ("tickers.", "no channel"),
        ("status.NOVA-USDC", "no channel"),
        ("user", "no channel"),
        ("user.fills", "no channel"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_not_found_and_says_why(text: str, why: str) -> None:
    """A 404 `not_found` with words that help."""
    with pytest.raises(ApiProblem) as refused:
        parse(text)
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    assert why in refused.value.detail


@given(st.text(max_size=140) | st.from_regex(r"(orderbook|bbo|candles|indicators)\..{0,40}"))
def test_any_text_is_a_name_of_its_own_or_not_found(text: str) -> None:
    """Whatever is taken is printed back as the same text (one name per channel); nothing else is raised."""
    name = None
    with suppress(ApiProblem):
        name = parse(text)
    assert name is None or str(name) == text
