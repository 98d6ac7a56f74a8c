"""The golden vectors of indicators are what the exchange computes: other implementations compare with them."""

import json

import pytest

from cse.market_data.indicators import catalogue
from tools.write_indicator_vectors import (
    FOLDER,
    OTHER_PARAMETERS,
    PATTERN_EXAMPLES,
    files,
    input_columns,
    other_parameters,
    pattern_examples,
    vectors,
)

FILES = sorted(path.name for path in FOLDER.glob("*.json"))


def test_every_file_is_there() -> None:
    """One for the candles and one for each group; together they hold every indicator of the catalogue."""
    assert set(FILES) == set(files())
    functions = {
        name.partition("(")[0]
        for path in FOLDER.glob("*.json")
        if path.name != "candles.json"
        for name in json.loads(path.read_bytes())
    }
    assert functions == set(catalogue())
    assert len(functions) >= 100


def test_candles_are_the_same() -> None:
    """The made-up candles come out to the last digit."""
    assert json.loads((FOLDER / "candles.json").read_bytes()) == input_columns()


@pytest.mark.parametrize("group", sorted({each.group for each in catalogue().values()}))
def test_values_are_the_same(group: str) -> None:
    """Nulls where they were, numbers to nine digits: another machine may round the tenth otherwise."""
    recorded = json.loads((FOLDER / f"{group}.json").read_bytes())
    found = vectors(group)
    assert recorded.keys() == found.keys()
    for name, outputs in found.items():
        assert recorded[name].keys() == outputs.keys()
        for output, values in outputs.items():
            expected = recorded[name][output]
            assert [value is None for value in values] == [value is None for value in expected]
            numbers = [value for value in values if value is not None]
            wanted = [value for value in expected if value is not None]
            assert numbers == pytest.approx(wanted, rel=1e-9, abs=1e-13), name


def test_other_parameters_give_the_same() -> None:
    """Chosen periods, averages and numbers, and fewer candles than a lookback, come out as they were written."""
    recorded = json.loads((FOLDER / OTHER_PARAMETERS).read_bytes())
    found = other_parameters()
    assert recorded.keys() == found.keys()
    for name, told in found.items():
        assert recorded[name]["parameters"] == told["parameters"]
        for output, ends in told["outputs"].items():
            expected = recorded[name]["outputs"][output]
            assert ends["first"] == expected["first"], name
            assert [value is None for value in ends["last"]] == [
                value is None for value in expected["last"]
            ]
            numbers = [value for value in ends["last"] if value is not None]
            wanted = [value for value in expected["last"] if value is not None]
            assert numbers == pytest.approx(wanted, rel=1e-9, abs=1e-11), name


def test_pattern_examples_are_the_same() -> None:
    """Each is found again, and most patterns have one: an implementation cannot pass by finding none."""
    recorded = json.loads((FOLDER / PATTERN_EXAMPLES).read_bytes())
    assert recorded == pattern_examples()
    assert len(recorded) >= 50
