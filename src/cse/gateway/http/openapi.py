"""The OpenAPI 3.1 document: lean calls described from their own structs, FastAPI's routes as it does them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from cse.gateway.http.access import Need
from cse.gateway.http.admin.proposing import APPROVAL_CODES
from cse.gateway.http.auth_routes import AUTH_CODES
from cse.gateway.http.avatar_routes import AVATAR_CODES
from cse.gateway.http.factor_routes import FACTOR_CODES
from cse.gateway.http.identity_check_routes import IDENTITY_CODES
from cse.gateway.http.key_routes import KEY_CODES
from cse.gateway.http.key_scopes import SIGNED_SCHEMES, scope_for
from cse.gateway.http.leaving_routes import LEAVING_CODES
from cse.gateway.http.linked_routes import LINKED_CODES
from cse.gateway.http.operations import Operation
from cse.gateway.http.passkey_routes import PASSKEY_CODES
from cse.gateway.http.registration_routes import REGISTRATION_CODES
from cse.gateway.http.session_cookie import describe_cookies
from cse.gateway.http.sub_account_routes import SUB_ACCOUNT_CODES
from cse.gateway.order_to_trade import CODES as ORDER_TO_TRADE_CODES
from cse.gateway.portfolio.keeping import PORTFOLIO_CODES
from cse.gateway.problems import EDGE_CODES, Problem
from cse.messages.reject_codes import REFUSALS

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{name}"
_NOT_MODIFIED: Final = 304
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_PROBLEM_WORDS: Final = {
    400: "The request is malformed or was refused; `code` says why, `fields` names what is wrong.",
    401: "Not logged in.",
    403: "Logged in, but not allowed.",
    404: "It does not exist, or is somebody else's.",
    405: "The path does not take this method.",
    408: "The body took too long to arrive.",
    409: "It contradicts what is there.",
    413: "The body is too large.",
    414: "The path and the query are longer than 8 KiB.",
    415: "The body is not JSON, or not of a type that this call takes.",
    429: "Too many requests; wait as Retry-After says.",
    500: "A fault of ours; whether it was done is not known.",
    502: "The other side, which the exchange had to ask, did not answer as it must.",
    503: "Not possible now (or, with `outcome_unknown`: not known whether done); try again.",
}
_HEADERS: Final = {
    "X-Request-Id": ("string", "Names this answer; quote it when you ask for help."),
    "RateLimit-Limit": ("integer", "What a full bucket holds, in tokens."),
    "RateLimit-Remaining": (
        "integer",
        "What is left in the caller's bucket, in tokens: a call takes its `x-weight`.",
    ),
    "RateLimit-Reset": ("integer", "Seconds until the bucket is full again."),
}
_GROUPS: Final = (
    "people",
    "Orders",
    "Account",
    "Sandbox",
    "Market data",
    "Charts",
    "Feeds",
    "Health",
    "Problems",
    "Administration",
)
"""In the order in which a newcomer needs them."""
_ABOUT: Final = """Amounts and prices are decimal strings, times Unix milliseconds, ids below 2^53.
Unknown fields are refused. Errors are problem documents (RFC 9457) with a stable `code`; GET /api/problems
lists them. A 5xx or a lost connection means *unknown*: ask again by `client_order_id`, or send the same
`Idempotency-Key`. A log-in acts on its first account, or on the sub-account that the header
`X-CSE-ACCOUNT` names. Lists take `limit` and `cursor`; answers carry `next_cursor`. Every answer carries
`X-Request-Id`, limited calls `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`; a call takes its
`x-weight` from them. The WebSocket is described by AsyncAPI."""


def openapi_document(
    version: str, operations: Sequence[Operation], routes: Sequence[BaseRoute]
) -> Json:
    """Return the document of all lean `operations` and of FastAPI's `routes`."""
    document = get_openapi(
        title="CS Exchange",
        version=version,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
        tags=[{"name": name} for name in _GROUPS],
    )
    _drop_validation_errors(document)
    for methods in document["paths"].values():
        for described in methods.values():
            described["x-weight"] = 1  # FastAPI's own routes: logging in and what belongs to it
    types = _types(operations)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    components = _plain(components)
    by_type = dict(zip(types, schemas, strict=True))
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {}).update(components)
    parts["responses"] = {str(status): _problem_response(status) for status in _PROBLEM_WORDS}
    parts["headers"] = {
        name: {"description": words, "required": True, "schema": {"type": kind}}
        for name, (kind, words) in _HEADERS.items()
    }
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        **SIGNED_SCHEMES,
    }
    for operation in operations:
        path = document["paths"].setdefault(operation.path.replace(":path}", "}"), {})
        path[operation.method.lower()] = _describe(operation, by_type, components)
    describe_cookies(document["paths"])
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def problem_codes() -> dict[str, tuple[int, str]]:
    """Return every `code` of a problem document with its status and meaning."""
    refusals = {
        code.name.lower(): (refusal.status, refusal.message) for code, refusal in REFUSALS.items()
    }
    return dict(
        sorted(
            {
                **refusals,
                **AUTH_CODES,
                **KEY_CODES,
                **ORDER_TO_TRADE_CODES,
                **FACTOR_CODES,
                **PASSKEY_CODES,
                **IDENTITY_CODES,
                **REGISTRATION_CODES,
                **SUB_ACCOUNT_CODES,
                **APPROVAL_CODES,
                **AVATAR_CODES,
                **LEAVING_CODES,
                **PORTFOLIO_CODES,
                **LINKED_CODES,
                **EDGE_CODES,
            }.items()
        )
    )


def _types(operations: Iterable[Operation]) -> list[Any]:
    found: dict[Any, None] = {Problem: None}
    for operation in operations:
        for each in (operation.answer, operation.body, operation.query):
            if each is not None:
                found[each] = None
    return list(found)


def _describe(
    operation: Operation, schemas: Mapping[Any, Json], components: Mapping[str, Json]
) -> Json:
    described: Json = {
        "summary": operation.summary,
        "description": _dedent(operation.handler.__doc__),
        "operationId": operation.handler.__name__.strip("_") + "_" + _slug(operation),
        "tags": [operation.tag],
        "parameters": _parameters(operation, schemas, components),
        "responses": _responses(operation, schemas),
        "security": _security(operation),
        "x-weight": operation.weight,
    }
    if operation.takes:
        described["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(operation.takes, _FILE),
        }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[operation.body]}},
        }
    return described


def _security(operation: Operation) -> list[Json]:
    if operation.need is Need.NOBODY:
        return []
    by_key = scope_for(operation.method, operation.path) is not None
    return [{"bearer": []}, *([{name: [] for name in SIGNED_SCHEMES}] if by_key else [])]


def _slug(operation: Operation) -> str:
    words = [word.strip("{}").replace(":path", "") for word in operation.path.split("/") if word]
    return "_".join([operation.method.lower(), *words]).replace("-", "_")


def _dedent(text: str | None) -> str:
    return "\n".join(line.strip() for line in (text or "").strip().splitlines())


def _parameters(
    operation: Operation, schemas: Mapping[Any, Json], components: Mapping[str, Json]
) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in operation.parameters.items()
    ]
    found += [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": words,
            "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
        }
        for name, words in operation.headers.items()
    ]
    if operation.query is not None:
        struct = components[schemas[operation.query]["$ref"].rpartition("/")[2]]
        found += [
            _query_parameter(name, schema, required=name in struct.get("required", ()))
            for name, schema in struct["properties"].items()
        ]
    return found


def _query_parameter(name: str, schema: Json, *, required: bool) -> Json:
    """A parameter that may be left out is never null: there is no way to write null in a query string."""
    if "anyOf" in schema:
        given = [option for option in schema["anyOf"] if option != {"type": "null"}]
        alone: Json = given[0] if len(given) == 1 else {"anyOf": given}
        words = [each["description"] for each in (schema, alone) if "description" in each]
        schema = {**alone, "description": " ".join(words)} if words else alone
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _responses(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    if operation.answer is None:
        content: Json = {operation.media: {"schema": {"type": "string"}}}
    else:
        content = {operation.media: {"schema": schemas[operation.answer]}}
    good = {operation.status: "Done.", **operation.also}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    found: Json = {
        str(status): {"description": words, "headers": headers, "content": content}
        for status, words in good.items()
    }
    if _NOT_MODIFIED in operation.also:
        del found[str(_NOT_MODIFIED)]["content"]
    problems = {400, 429, 500, 503, *operation.statuses}
    if operation.need is not Need.NOBODY:
        problems |= {401, 403}
    if operation.method != "GET":
        problems |= {408, 413}
    if operation.query is not None:
        problems.add(414)
    if operation.body is not None or operation.takes:
        problems.add(415)
    for status in sorted(problems):
        found.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    return found


def _problem_response(status: int) -> Json:
    schema = {"$ref": _REF.format(name="Problem")}
    return {
        "description": _PROBLEM_WORDS[status],
        "content": {"application/problem+json": {"schema": schema}},
    }


def _plain(schema: Any) -> Any:
    """Write tuples of alike items as arrays of fixed length: the same, and every OpenAPI tool understands it."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(value) for name, value in schema.items()}
    items = plain.get("prefixItems")
    if items and all(item == items[0] for item in items):
        del plain["prefixItems"]
        plain["items"] = items[0]
    return plain


def _drop_validation_errors(document: Json) -> None:
    """Take out FastAPI's own 422: validation errors are problem documents with status 400 here."""
    for methods in document["paths"].values():
        for described in methods.values():
            described["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)
