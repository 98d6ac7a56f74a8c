"""An indicator has one spelling, whatever way it is asked for; what cannot be is refused by the field at fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.gateway.ws.messages import MAX_CHANNEL_LENGTH
from cse.market_data.indicators import (
    Unusable,
    catalogue,
    choose,
    parse_list,
    parse_one,
)
from cse.market_data.indicators.catalogue import Parameter


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("rsi", "rsi(14)"),
        ("rsi()", "rsi(14)"),
        ("rsi(014)", "rsi(14)"),
        ("rsi(period=14)", "rsi(14)"),
        ("bbands", "bbands(20,2,2,sma)"),
        ("bbands(10,2.50)", "bbands(10,2.5,2,sma)"),
        ("bbands(10,ma_type=EMA,deviations_up=-0)", "bbands(10,0,2,ema)"),
        ("mama(0.5000,0.05)", "mama(0.5,0.05)"),
        ("obv", "obv"),
        ("obv()", "obv"),
    ],
)
def test_every_way_of_asking_has_one_spelling(text: str, canonical: str) -> None:
    """Defaults are filled in, zeros that say nothing are left out, names of parameters too."""
    assert parse_one(text).name == canonical
    assert parse_one(canonical) == parse_one(text)


def a_value(parameter: Parameter) -> st.SearchStrategy[str]:
    if parameter.choices is not None:
        return st.sampled_from(parameter.choices)
    assert parameter.minimum is not None
    assert parameter.maximum is not None
    if parameter.type == "integer":
        return st.integers(int(parameter.minimum), int(parameter.maximum)).map(str)
    low, high = round(parameter.minimum * 10_000), round(parameter.maximum * 10_000)
    return st.integers(low, high).map(lambda units: f"{units / 10_000:.4f}")


@given(st.data())
def test_the_spelling_says_it_all(data: st.DataObject) -> None:
    """Any values in range: the spelling means the same indicator, and fits a channel of the longest market."""
    function = data.draw(st.sampled_from(list(catalogue().values())))
    values = {each.name: data.draw(a_value(each)) for each in function.parameters}
    chosen = choose(function.name, values)
    assert parse_one(chosen.name) == chosen
    assert len(f"indicators.{'M' * 33}.15m.{chosen.name}") <= MAX_CHANNEL_LENGTH


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "name"),
        ("nope", "name"),
        ("RSI", "name"),
        ("rsi(14", "name"),
        ("rsi(14))", "name"),
        ("rsi (14)", "name"),
        ("rsi(14,15)", "name"),
        ("rsi(period=3,14)", "name"),
        ("rsi(14,period=14)", "period"),
        ("rsi(length=3)", "length"),
        ("rsi(1)", "period"),
        ("rsi(501)", "period"),
        ("rsi(14.5)", "period"),
        ("rsi(1e2)", "period"),
        ("rsi(nan)", "period"),
        ("rsi(-14)", "period"),
        ("bbands(20,2.00001)", "deviations_up"),
        ("bbands(20,1001)", "deviations_up"),
        ("bbands(ma_type=disabled)", "ma_type"),
        ("bbands(ma_type=1)", "ma_type"),
        ("obv(3)", "name"),
        ("\u0661(3)", "name"),
        ("rsi(\u0661\u0664)", "name"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(text: str, field: str) -> None:
    """The refusal names the parameter, or `name` if it is none's fault, and what would be right."""
    with pytest.raises(Unusable) as caught:
        parse_one(text)
    assert caught.value.field == field
    if field == "period" and "period=" not in text:
        assert caught.value.reason == "must be a whole number from 2 to 500"


def test_a_list_is_split_outside_of_brackets() -> None:
    """Commas within brackets belong to an indicator; doubles, nothing and too many are refused."""
    found = parse_list("rsi(14),macd(12,26,9),obv", 3)
    assert [chosen.name for chosen in found] == ["rsi(14)", "macd(12,26,9)", "obv"]
    for wrong in ("", "rsi,", "rsi,rsi(14)", "rsi,sma,ema,obv", "rsi," * 400, "rsi)(,sma"):
        with pytest.raises(Unusable) as caught:
            parse_list(wrong, 3)
        assert caught.value.field == "name"
