"""Requests are read strictly, and every refusal names the field in words that a person understands."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from cse.gateway.problems import ApiProblem
from cse.gateway.requests import (
    MAX_DEPTH,
    Amounts,
    decode,
    nested_too_deeply,
    query,
    require_json,
)
from tests.unit.gateway.world import MARKET, World


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Something inside."""

    size: int


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """A request."""

    name: str
    side: Literal["buy", "sell"] = "buy"
    price: str | None = None
    flag: bool = False
    count: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    inner: list[Inner] = []


class Query(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A query string."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=10)] = 5
    from_: int | None = None
    market: str | None = None


def refused(cls: type[Any], raw: bytes) -> dict[str, str]:
    with pytest.raises(ApiProblem) as caught:
        decode(cls, raw)
    assert (caught.value.status, caught.value.code) == (400, "invalid_request")
    assert caught.value.fields
    return caught.value.fields


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b'{"side":"buy"}', {"name": "is required"}),
        (b'{"name":"a","nmae":1}', {"nmae": "is not a field of this request"}),
        (b'{"name":"a","side":"hold"}', {"side": "must be one of buy, sell"}),
        (b'{"name":"a","side":1}', {"side": "must be one of buy, sell"}),
        (b'{"name":"a","flag":"yes"}', {"flag": "must be true or false"}),
        (b'{"name":"a","count":9}', {"count": "must be a whole number <= 5"}),
        (b'{"name":"a","inner":[{"size":1},{}]}', {"inner[1].size": "is required"}),
        (b"[]", {"body": "must be an object"}),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, fields: dict[str, str]) -> None:
    """Missing, unknown, of the wrong kind, out of range: the field and what it should be."""
    assert refused(Body, raw) == fields


def test_numbers_in_the_place_of_amounts() -> None:
    """A JSON number where a decimal string belongs says so."""
    assert "never JSON numbers" in refused(Body, b'{"name":"a","price":1.5}')["price"]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"name":"\xff"}', b'{"name":"\\ud800"}', b'{"name":NaN}']
)
def test_what_is_no_json(raw: bytes) -> None:
    """Broken JSON and broken UTF-8 are `invalid_json`."""
    with pytest.raises(ApiProblem) as caught:
        decode(Body, raw)
    assert caught.value.code == "invalid_json"


def test_depth_counts_brackets_outside_of_texts() -> None:
    """The limit is exact; brackets in texts, escaped quotes and endless texts do not fool it."""
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert not nested_too_deeply(deepest)
    assert nested_too_deeply(b"[" + deepest + b"]")
    assert not nested_too_deeply(b'{"a":"' + b"[" * 1_000 + b'"}')
    assert not nested_too_deeply(b'{"a":"\\"' + b"[{" * 1_000)
    assert not nested_too_deeply(b"[" + b"[]," * 1_000 + b"[]]")


def test_a_query_has_so_many_parameters() -> None:
    """With 32 each is looked at; with one more none is."""
    names = [f"p{number}=1" for number in range(33)]
    for count, fields in ((32, {name.partition("=")[0] for name in names[:32]}), (33, {"query"})):
        with pytest.raises(ApiProblem) as caught:
            query(Query, "&".join(names[:count]).encode())
        assert caught.value.status == 400
        assert set(caught.value.fields) <= fields


def test_a_query_is_read_from_its_text() -> None:
    """Integers in digits, names decoded, what is absent takes its default."""
    assert query(Query, b"limit=7&from=-3&market=A%2DB") == Query(limit=7, from_=-3, market="A-B")
    assert query(Query, b"") == Query()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"limit=11", "limit"),
        (b"limit=1e1", "limit"),
        (b"limit=null", "limit"),
        (b"limit=", "limit"),
        (b"limit=%31%00", "limit"),
        (b"limit=1&limit=1", "limit"),
        (b"from=5.0", "from"),
        (b"from_=5", "from_"),
        (b"market=%ff", "query"),
        (b"\xff", "query"),
        (b"&".join(b"a%d=1" % n for n in range(40)), "query"),
    ],
)
def test_a_query_that_is_wrong(raw: bytes, field: str) -> None:
    """Whatever is unknown, doubled, malformed or too much is named."""
    with pytest.raises(ApiProblem) as caught:
        query(Query, raw)
    assert caught.value.fields is not None
    assert set(caught.value.fields) == {field}


def test_amounts_gather_all_their_problems() -> None:
    """One answer names every bad amount of a request; good ones become integers."""
    market = World().catalog.markets_by_symbol[MARKET]
    amounts = Amounts()
    assert amounts.price("price", "1.2500", market) == 12_500
    assert amounts.quantity("quantity", "2.5", market) == 250
    assert amounts.units("quote_quantity", None, market.quote) == 0
    amounts.check()
    amounts.price("price", "1.25001", market)
    amounts.quantity("quantity", "0", market)
    with pytest.raises(ApiProblem) as caught:
        amounts.check()
    assert caught.value.fields == {
        "price": "has 5 decimals; at most 4 are allowed",
        "quantity": "must be greater than zero",
    }


@pytest.mark.parametrize("given", [None, b"application/json", b"Application/JSON; charset=utf-8"])
def test_json_may_say_so_or_nothing(given: bytes | None) -> None:
    """A body without a media type is taken for JSON."""
    require_json(given)


@pytest.mark.parametrize(
    "given", [b"text/plain", b"application/jsonp", b"application/x-www-form-urlencoded"]
)
def test_other_media_are_refused(given: bytes) -> None:
    """What says that it is something else is 415 (and no form of a foreign page gets in)."""
    with pytest.raises(ApiProblem) as caught:
        require_json(given)
    assert caught.value.status == 415
