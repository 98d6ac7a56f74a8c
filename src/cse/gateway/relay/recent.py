"""The latest updates of channels whose clients should not need a snapshot when they missed a little."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Data

KEPT: Final = 512
"""Updates per channel."""


class Recent:
    """Chains of updates by channel."""

    def __init__(self) -> None:
        """Begin with no channel."""
        self._kept: Final[dict[str, deque[Outgoing]]] = {}

    def begin(self, channel: str) -> None:
        """Keep the latest updates of a channel from now on."""
        self._kept.setdefault(channel, deque(maxlen=KEPT))

    def note(self, channel: str, update: Outgoing) -> None:
        """Keep an update, if its channel is one of ours."""
        kept = self._kept.get(channel)
        if kept is not None:
            kept.append(update)

    def after(self, channel: str, sequence: int | None, last: int) -> Sequence[Outgoing] | None:
        """Return the updates that lead from a sequence to the last one, None if they are not all here."""
        if sequence == last:
            return []
        kept = list(self._kept.get(channel, ()))
        if sequence is None or not kept or data_of(kept[-1]).sequence != last:
            return None
        for n, update in enumerate(kept):
            if data_of(update).previous == sequence:
                return kept[n:]
        return None


def data_of(outgoing: Outgoing) -> Data:
    """Return a message of a channel that was made in this process."""
    assert isinstance(outgoing.message, Data), "channels send nothing else"
    return outgoing.message
