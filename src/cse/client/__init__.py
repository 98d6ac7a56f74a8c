"""The Python client of binary order entry; it knows the messages and nothing else of the exchange.

See docs/reference/order-entry.md for the protocol and an example that runs.
"""

from cse.client.errors import ConnectionLost, LoginFailed, SubmitRefused
from cse.client.order_entry import Execution, OrderEntryClient, Result, Resumed

__all__ = [
    "ConnectionLost",
    "Execution",
    "LoginFailed",
    "OrderEntryClient",
    "Result",
    "Resumed",
    "SubmitRefused",
]
