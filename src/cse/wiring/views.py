"""The gateway's views of the exchange, in memory, kept current by one listener on the event feed."""

from collections.abc import Iterable, Iterator

from cse.core.clock import Clock
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.streams import Follower, Streams
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.messages.ports import EventFeed
from cse.messages.records import AccountRecord
from cse.messages.wire import AccountStatus, Record
from cse.projections.live import LiveAccounts
from cse.users.account_endings import AccountEndings


class Views:
    """Catalog, accounts, market data, and the streams that tell of their changes."""

    def __init__(self, clock: Clock, options: WsOptions) -> None:
        """Begin empty."""
        self.catalog = Catalog()
        self.live = LiveAccounts()
        self.market_data = MarketDataHub()
        self.streams = Streams(self.catalog, self.live, self.market_data, clock, options)
        self.highest_account_id = 0
        """As of `follow`; accounts opened later come through the user service itself."""
        self._not_open: set[int] = set()

    def follow(self, feed: EventFeed) -> None:
        """Take in the feed's state, and from now on everything that is applied."""
        follower = Follower(self.catalog, self.live, self.market_data, self.streams)
        follower.load(self._watch(feed.attach(follower.apply)))

    def standing(self, account_id: int) -> AccountStatus | None:
        """Return what the engine says of an account; None: it does not know it (yet)."""
        account = self.live.account(account_id)
        return None if account is None else account.status

    def end_sessions(self, endings: AccountEndings) -> None:
        """Note there every account that is frozen or closed as of `follow`, and from now on."""
        endings.note(self._not_open)
        self.live.watch_status(
            lambda account_id, status: (
                None if status is AccountStatus.OPEN else endings.note((account_id,))
            )
        )

    def _watch(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            if isinstance(record, AccountRecord):
                self.highest_account_id = max(self.highest_account_id, record.account_id)
                if record.status is not AccountStatus.OPEN:
                    self._not_open.add(record.account_id)
            yield record
