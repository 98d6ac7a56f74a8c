"""What calls cost in tokens of the rate limits: one table. A call that is not in it costs 1.

Weights follow what a call costs this server, as request weights do elsewhere (Binance Spot REST API, "Request weight":
candles 2, an account's trades and orders 20): 1 is answered out of memory or is one command, 2 builds a long
answer out of memory, 5 and 10 read a page of history, 20 searches all people's data or works on a file, 50 and 100
keep a thread or the database busy for a while. They are constants: a page of one item costs as one of a thousand.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from cse.gateway.http.operations import Operation

INDICATORS: Final = ("GET", "/api/indicators/{market}")
_FEEDS: Final = "/api/feeds"
WEIGHTS: Final[Mapping[tuple[str, str], int]] = {
    ("GET", "/api/orderbook/{market}"): 2,
    ("GET", "/api/trades"): 5,
    ("GET", "/api/candles/{market}"): 2,
    INDICATORS: 5,
    ("GET", "/udf/history"): 2,
    ("GET", f"{_FEEDS}/coingecko/orderbook"): 2,
    ("GET", f"{_FEEDS}/coingecko/historical_trades"): 5,
    ("GET", f"{_FEEDS}/coinmarketcap/orderbook/{{market_pair}}"): 2,
    ("GET", f"{_FEEDS}/coinmarketcap/trades/{{market_pair}}"): 5,
    ("GET", "/api/orders"): 5,
    ("GET", "/api/fills"): 10,
    ("GET", "/api/ledger"): 10,
    ("GET", "/api/transfers"): 10,
    ("GET", "/api/portfolio"): 10,
    ("GET", "/api/portfolio/history"): 20,
    ("GET", "/api/statements"): 20,
    ("GET", "/api/fills/export.csv"): 50,
    ("GET", "/api/ledger/export.csv"): 50,
    ("GET", "/api/orders/export.csv"): 50,
    ("GET", "/api/tax.csv"): 50,
    ("GET", "/api/sparklines"): 5,
    ("GET", "/api/identity-checks"): 5,
    ("GET", "/api/account/export"): 5,
    ("POST", "/api/identity-checks/{check_id}/documents"): 20,
    ("PUT", "/api/profile/avatar"): 50,
    ("POST", "/api/account/export"): 100,
    ("GET", "/api/admin/approvals"): 10,
    ("GET", "/api/admin/identity-checks"): 10,
    ("GET", "/api/admin/identity-checks/{check_id}"): 10,
    ("GET", "/api/admin/identity-checks/{check_id}/documents/{document_id}"): 20,
    ("GET", "/api/admin/sanctions-hits"): 10,
    ("GET", "/api/admin/users"): 20,
    ("GET", "/api/admin/audit"): 20,
    ("GET", "/api/admin/audit/export.csv"): 50,
    ("GET", "/api/admin/audit/export.ndjson"): 50,
}
"""By method and path."""


def weighed(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations, each with its weight."""
    return [each._replace(weight=WEIGHTS.get((each.method, each.path), 1)) for each in operations]
