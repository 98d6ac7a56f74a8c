"""Entity tags for clients that poll: made from the sequence that an answer shows, so that 304 costs nothing to say.

A tag also names this process: after a restart, with other software or another journal, everybody is answered anew.
"""

from hashlib import blake2b
from secrets import token_hex
from types import MappingProxyType
from typing import Final

from cse.gateway.http.operations import Call
from cse.gateway.order_entry import Answer

LIVE: Final = "no-cache"
"""May be kept, but never used without asking whether it still holds."""
LISTING: Final = "public, max-age=60"
NOT_MODIFIED: Final = MappingProxyType(
    {304: "The same as the answer whose `ETag` came as `If-None-Match`."}
)
"""For the description of calls whose answers carry tags."""


class EntityTags:
    """Makes and compares tags. They are weak (RFC 9110, 8.8.1): the same numbers, whatever the encoding."""

    def __init__(self) -> None:
        """Begin with a name that no other process has."""
        self._process: Final = token_hex(4)

    def unchanged(self, call: Call, state: object, control: str = LIVE) -> Answer | None:
        """Return the 304 for a caller who has the answer of this state; None: it has not."""
        given = call.context.headers.get(b"if-none-match")
        if given is None:
            return None
        names = [name.strip().removeprefix("W/") for name in given.decode("latin-1").split(",")]
        if names != ["*"] and self._name(state) not in names:
            return None
        return Answer(304, b"", self._headers(state, control))

    def answer(self, state: object, body: bytes, control: str = LIVE) -> Answer:
        """Return the answer with the tag of its state: whatever prints the same if and only if it is the same."""
        return Answer(200, body, self._headers(state, control))

    def by_content(self, call: Call, body: bytes, control: str = LIVE) -> Answer:
        """Return the answer, or 304, of a state that has no number: the body itself is it."""
        state = blake2b(body, digest_size=12).hexdigest()
        return self.unchanged(call, state, control) or self.answer(state, body, control)

    def _headers(self, state: object, control: str) -> dict[str, str]:
        return {"ETag": f"W/{self._name(state)}", "Cache-Control": control}

    def _name(self, state: object) -> str:
        return f'"{self._process}-{state}"'
