"""Ids of requests: the client's own if it is a decent one, else one that no other request has."""

import re
from collections.abc import Mapping
from itertools import count
from secrets import token_hex

_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}", re.ASCII)


class RequestIds:
    """Counts requests after a prefix that tells this process from all others."""

    def __init__(self) -> None:
        """Begin with 1."""
        self._prefix = token_hex(5)
        self._numbers = count(1)

    def of(self, headers: Mapping[bytes, bytes]) -> str:
        """Return the id of a request with these headers."""
        given = headers.get(b"x-request-id")
        if given is not None and _GIVEN.fullmatch(given):
            return given.decode("ascii")
        return f"{self._prefix}-{next(self._numbers):x}"
