"""`user.balances`: own balances as each command left them."""

from typing import Final

from cse.gateway.present import balance_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.channels.replay import Replay, UserChannel
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import BalancesMessage
from cse.gateway.ws.touched import Touched
from cse.messages import events as e
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts


class BalancesChannel(UserChannel):
    """`user.balances` of one account."""

    def __init__(
        self, account_id: int, live: LiveAccounts, catalog: Catalog, time_ms: int, replay: Replay
    ) -> None:
        """Begin after what `live` knows."""
        super().__init__(
            ChannelKind.USER_BALANCES.value, account_id, live.last_sequence(account_id), replay
        )
        self._live: Final = live
        self._catalog: Final = catalog
        self._time_ms = time_ms
        self._known = live.balances(account_id)

    def update(self, touched: Touched, applied: e.Applied) -> None:
        """Send the balances that a command changed, those that went to zero too."""
        self._time_ms = applied.time_ms
        changed = []
        for asset_id in sorted(touched.assets):
            view = self._live.balance(self.account_id, asset_id)
            if self._known.get(asset_id) != view:
                self._known[asset_id] = view
                changed.append(balance_json(view, self._catalog))
        if changed:
            self.send(
                BalancesMessage(
                    self.name, "update", applied.sequence, self.sequence, applied.time_ms, changed
                )
            )

    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        """Send all balances as they stand, those that are zero too: nothing older matters."""
        views = [
            self._live.balance(self.account_id, asset) for asset in sorted(self._catalog.assets)
        ]
        balances = [balance_json(view, self._catalog) for view in views]
        message = BalancesMessage(
            self.name, "update", self.sequence, since, self._time_ms, balances
        )
        subscriber.push(Outgoing(message))
        return True

    def snapshot(self) -> BalancesMessage:
        """Return all balances that are not zero."""
        views = self._live.balances(self.account_id)
        balances = [balance_json(view, self._catalog) for _, view in sorted(views.items())]
        return BalancesMessage(self.name, "snapshot", self.sequence, None, self._time_ms, balances)
