"""All channels that are kept: which of them are not right now, and what the application was told of them."""

from collections.abc import Iterator
from typing import Any, Final

from cse_sdk.backoff import Chance
from cse_sdk.options import Counts, Options
from cse_sdk.outbox import Outbox
from cse_sdk.subscription import ChannelState, Subscription


class Channels:
    """Subscriptions by name, in the order in which they were asked for."""

    def __init__(self, options: Options, counts: Counts, chance: Chance, outbox: Outbox) -> None:
        """Begin without any; `outbox` takes the events of changed states."""
        self.unwell: Final[dict[str, Subscription]] = {}
        """Those that are not live."""
        self._options: Final = options
        self._counts: Final = counts
        self._chance: Final = chance
        self._outbox: Final = outbox
        self._all: Final[dict[str, Subscription]] = {}
        self._shown: Final[dict[str, ChannelState]] = {}

    def __iter__(self) -> Iterator[Subscription]:
        """Give all of them."""
        return iter(list(self._all.values()))

    def get(self, name: Any) -> Subscription | None:
        """Return a channel by name, None if it is not kept."""
        return self._all.get(name) if isinstance(name, str) else None

    def add(self, names: list[str]) -> list[Subscription]:
        """Keep these from now on; returns those that are new."""
        new = [name for name in dict.fromkeys(names) if name not in self._all]
        for name in new:
            made = Subscription(name, self._options, self._counts, self._chance)
            self._all[name] = self.unwell[name] = made
        return [self._all[name] for name in new]

    def remove(self, name: str) -> bool:
        """Keep this one no longer; returns whether it was kept."""
        self.unwell.pop(name, None)
        self._shown.pop(name, None)
        return self._all.pop(name, None) is not None

    def end(self, name: str, error: dict[str, Any]) -> None:
        """Keep it no longer, since the exchange does not have it, and say so."""
        self.remove(name)
        self._outbox.tell("ended", channel=name, code=error.get("code"), detail=error.get("detail"))

    def show(self, subscription: Subscription) -> None:
        """Tell the application when a channel's state is another one than it knows."""
        name, state = subscription.name, subscription.state
        if self._shown.get(name) is state:
            return
        self._shown[name] = state
        if subscription.live:
            self.unwell.pop(name, None)
        else:
            self.unwell[name] = subscription
        self._outbox.tell("channel", channel=name, state=state.value, why=subscription.why)

    def disconnected(self) -> None:
        """Note that the connection is gone."""
        for subscription in self:
            subscription.disconnected()
            self.show(subscription)
