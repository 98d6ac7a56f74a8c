"""CS Exchange's market data and own orders over its WebSocket, kept right by itself.

Client is what an application uses. Without a socket: LocalBook is an order book that is right or says that
it is not, Protocol the whole client for a transport of one's own.
"""

from cse_sdk.book import BookBroken, BookView, Level, LocalBook, WrongChecksum
from cse_sdk.client import Client, FellBehind
from cse_sdk.options import Counts, Options
from cse_sdk.protocol import Protocol

__all__ = [
    "BookBroken",
    "BookView",
    "Client",
    "Counts",
    "FellBehind",
    "Level",
    "LocalBook",
    "Options",
    "Protocol",
    "WrongChecksum",
]
