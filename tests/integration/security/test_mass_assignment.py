"""Mass assignment: a field that a call does not have is never taken, whatever the call."""

import re
from pathlib import Path
from typing import Any

import httpx

from tests.integration.http_exchange import HttpExchange, good, http_exchange

SMUGGLED: dict[str, Any] = {
    "role": "admin",
    "roles": ["admin"],
    "is_admin": True,
    "kyc_level": 3,
    "level": 3,
    "user_id": 1,
    "account_id": 1,
    "verified_at": 1,
    "email_verified": True,
    "fee_tier": 9,
    "balance": "1000000",
    "status": "open",
    "__proto__": {"role": "admin"},
}


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Something that has the shape, or nearly."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _example(schema[choice][0], schemas)
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    return _of_kind(schema, schemas)


def _of_kind(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        wanted = schema.get("required", ())
        return {
            name: _example(field, schemas)
            for name, field in schema.get("properties", {}).items()
            if name in wanted
        }
    if kind == "array":
        return [_example(schema.get("items", {}), schemas)] * max(1, schema.get("minItems", 0))
    if kind == "string":
        return "x" * max(1, schema.get("minLength", 0))
    return {"integer": 1, "number": 1, "boolean": True}.get(str(kind))


def _names(schema: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The fields that a body may have, in any of its shapes."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    names = set(schema.get("properties", ()))
    for choice in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(choice, ()):
            names |= _names(each, schemas)
    return names


def _bodies(exchange: HttpExchange) -> list[tuple[str, str, dict[str, Any], set[str]]]:
    """Method, path, a body and the names of its fields, of every call that takes JSON."""
    document = exchange.app.app.openapi()
    schemas = document["components"]["schemas"]
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            schema = content["application/json"]["schema"]
            body, names = _example(schema, schemas), _names(schema, schemas)
            found.append((method, re.sub(r"\{[^}]*\}", "1", path), body, names))
    return found


async def _smuggle(
    client: httpx.AsyncClient, method: str, path: str, body: Any, name: str
) -> httpx.Response:
    return await client.request(method, path, json={**body, name: SMUGGLED[name]})


async def test_mass_assignment_over_every_body(tmp_path: Path) -> None:
    """Every call of the OpenAPI document that takes JSON, by an admin and by nobody, with each field added that
    it does not have: refused, and where the caller gets that far, by the name of the field.
    """
    async with http_exchange(tmp_path) as exchange:
        ada, nobody = await exchange.trader("ada"), exchange.client()
        bodies = _bodies(exchange)
        assert len(bodies) > 20
        named = 0
        for method, path, body, names in bodies:
            for name in sorted(SMUGGLED.keys() - names):
                for client in (ada, nobody):
                    answer = await _smuggle(client, method, path, body, name)
                    told = (method, path, name, answer.status_code, answer.text)
                    assert 400 <= answer.status_code < 500, told
                    named += name in answer.text
        assert named > 100
        account = good(await ada.get("/api/account"))
        assert account["fee_tier"] == 0
        assert (await ada.get("/api/admin/audit")).status_code == 403
