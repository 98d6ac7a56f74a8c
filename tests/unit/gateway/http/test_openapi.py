"""The OpenAPI document is made from what the calls really take and give."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from tests.unit.gateway.world import World

DOCUMENT: dict[str, Any] = World().app.app.openapi()


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path}", call


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere() -> None:
    """No schema or response is named that is not there."""
    for reference in references(DOCUMENT):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_schema_is_a_schema() -> None:
    """All of them are valid JSON Schema 2020-12, as OpenAPI 3.1 wants it."""
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_call_is_told_whole() -> None:
    """A summary, a description, an id of its own, a group, its problems, and whether it needs a login."""
    ids = [call["operationId"] for _, call in described()]
    assert len(set(ids)) == len(ids)
    for name, call in described():
        assert call["summary"], name
        assert call["description"], name
        assert call["tags"], name
        if not name.endswith("/api/auth/logout"):
            assert "429" in call["responses"], name
    secured = {name for name, call in described() if call.get("security")}
    assert {"POST /api/orders", "GET /api/ledger", "POST /api/sandbox/deposits"} <= secured
    assert not {"GET /api/markets", "GET /api/health/ready", "GET /api/problems"} & secured


def test_requests_are_closed_and_answers_complete() -> None:
    """Requests allow no other fields; every field of an answer that is always there is required."""
    schemas = DOCUMENT["components"]["schemas"]
    for name in ("PlaceRequest", "AmendRequest", "CancelAfterRequest", "DepositRequest"):
        assert schemas[name]["additionalProperties"] is False
    assert set(schemas["Order"]["required"]) == set(schemas["Order"]["properties"])


def test_parameters_that_may_be_left_out_are_not_null() -> None:
    """A query string has no null: optional parameters have the plain type."""
    for name, call in described():
        for parameter in call.get("parameters", ()):
            if parameter["in"] == "query":
                assert "anyOf" not in parameter["schema"], (name, parameter["name"])


def test_parameters_say_what_they_do_here() -> None:
    """A parameter's own words stand before those of its type: of `from`, where pages go; not only that it is a time."""

    def words(call: str, name: str) -> str:
        parameters = dict(described())[call]["parameters"]
        [found] = [each for each in parameters if each["name"] == name]
        return str(found["schema"]["description"])

    own = words("GET /api/candles/{market}", "from")
    assert own.startswith("Pages go on from here")
    assert own.endswith("Unix time in milliseconds.")
    assert words("GET /udf/history", "from").startswith("Ignored when `countback` is given.")
    assert words("GET /udf/history", "to") == "Unix time in seconds."
    assert "never beyond it" in words("GET /api/indicators/{market}", "to")


def test_feeds_tell_of_304() -> None:
    """Every feed carries an ETag, so 304 is among its answers, without content."""
    feeds = [(name, call) for name, call in described() if "/api/feeds/" in name]
    assert feeds
    for name, call in feeds:
        assert "content" not in call["responses"]["304"], name
