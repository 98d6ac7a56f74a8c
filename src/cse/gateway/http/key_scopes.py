"""What an API key may call: one table, everything that is not in it is for people who logged in.

A call of market data needs nobody, with or without a key. A test walks every route with every set of scopes
(tests/unit/gateway/http/test_key_scopes.py), so that a new route is in here or closed to keys.
"""

from collections.abc import Mapping
from typing import Final

READ: Final = "read"
TRADE: Final = "trade"

KEY_SCOPES: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "/api/account"): READ,
    ("GET", "/api/balances"): READ,
    ("GET", "/api/fills"): READ,
    ("GET", "/api/ledger"): READ,
    ("GET", "/api/orders"): READ,
    ("GET", "/api/orders/{order_id}"): READ,
    ("GET", "/api/orders/by-client-id/{client_order_id:path}"): READ,
    ("POST", "/api/orders"): TRADE,
    ("DELETE", "/api/orders"): TRADE,
    ("PATCH", "/api/orders/{order_id}"): TRADE,
    ("DELETE", "/api/orders/{order_id}"): TRADE,
    ("POST", "/api/orders/batch"): TRADE,
    ("POST", "/api/orders/cancel-after"): TRADE,
    ("POST", "/api/orders/preview"): READ,
    ("POST", "/api/sandbox/deposits"): TRADE,
    ("GET", "/api/portfolio"): READ,
    ("GET", "/api/portfolio/history"): READ,
    ("GET", "/api/statements"): READ,
    ("GET", "/api/fills/export.csv"): READ,
    ("GET", "/api/ledger/export.csv"): READ,
    ("GET", "/api/orders/export.csv"): READ,
    ("GET", "/api/tax.csv"): READ,
    ("GET", "/api/transfers"): READ,
    ("POST", "/api/transfers"): TRADE,
}
"""The scope that a key needs, by method and path template."""

SIGNED_SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSE-KEY",
        "description": "The id of an API key; goes with timestamp and signature.",
    },
    "timestamp": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSE-TIMESTAMP",
        "description": "Unix milliseconds; at most X-CSE-RECV-WINDOW (5000, up to 60000) ms old.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSE-SIGNATURE",
        "description": "HMAC-SHA256 (hex) or Ed25519 (base64) of timestamp + method + path?query + body.",
    },
}
"""The headers of a signed request, as OpenAPI describes them: all three together."""


def scope_for(method: str, path: str) -> str | None:
    """Return the scope that a key needs for a call; None: no key may make it."""
    return KEY_SCOPES.get(("GET" if method == "HEAD" else method, path))
