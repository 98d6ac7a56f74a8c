"""One channel: whether what we keep of it is right, and if not, what is to be done about it and when."""

from enum import StrEnum
from typing import Final, NamedTuple

from cse_sdk.backoff import Chance, pause_ms
from cse_sdk.book import BookBroken, WrongChecksum
from cse_sdk.chain import Chain, Message, Step
from cse_sdk.folds import Book, Fold, Item, fold_of
from cse_sdk.options import Counts, Options


class ChannelState(StrEnum):
    """Of one channel."""

    OPENING = "opening"
    """Subscribed, without a snapshot so far."""
    LIVE = "live"
    HEALING = "healing"
    """What we keep is wrong, or may be; it is not handed out."""


class News(NamedTuple):
    """What a message changed."""

    item: Item
    snapshot: bool


class Subscription:
    """The state of one channel. It does no I/O and knows no clock: `now_ms` is given, monotonic."""

    def __init__(self, name: str, options: Options, counts: Counts, chance: Chance) -> None:
        """Begin without a connection."""
        self.name: Final = name
        self.private: Final = name.startswith("user.")
        self.fold: Fold = fold_of(name, options.keep)
        self.state = ChannelState.OPENING
        self.why = ""
        self.due_ms: int | None = None
        """When to ask for the channel again."""
        self.deadline_ms: int | None = None
        """Until when what was asked for must have come."""
        self.subscribed = False
        """Whether the exchange has said that it is, on this connection."""
        self._options: Final = options
        self._counts: Final = counts
        self._chance: Final = chance
        self._chain: Final = Chain()
        self._known = 0
        """The highest sequence of this connection (private: of all) that was right: nothing older is shown."""
        self._seen: int | None = None
        """The same of all connections."""
        self._attempts = 0
        self._live_since_ms = 0

    @property
    def live(self) -> bool:
        """Whether what we keep is right, as far as anybody can know."""
        return self.state is ChannelState.LIVE

    @property
    def since(self) -> int | None:
        """For a private channel: the last sequence seen, to go on from."""
        return self._chain.sequence if self.private else None

    @property
    def hopeless(self) -> bool:
        """Whether it was asked for again too often."""
        return self._attempts >= self._options.heal_limit

    def disconnected(self) -> None:
        """Note that the connection is gone. Private channels go on where they were, public ones begin anew."""
        self.state = ChannelState.OPENING
        self.due_ms = self.deadline_ms = None
        self.subscribed = False
        if not self.private or self.hopeless:
            self._begin_anew()
        self._attempts = 0

    def asked(self, now_ms: int) -> None:
        """Note that the channel was asked for, by `subscribe` or `resync`."""
        self.due_ms = None
        self.deadline_ms = now_ms + self._options.answer_ms

    def asked_again(self, now_ms: int) -> None:
        """As `asked`, and count it."""
        self._attempts += 1
        self._counts.resyncs += 1
        self.asked(now_ms)

    def answered(self, now_ms: int) -> None:
        """Note that the exchange has subscribed it. A private channel that knows its place goes on from it."""
        self.subscribed = True
        if self.private and self._chain.sequence is not None:
            self._be_live(now_ms)

    def broken(self, now_ms: int, why: str, *, at_once: bool = True) -> None:
        """Hand out nothing any more, and have the channel asked for again: at once the first time, if that may be."""
        if self.live and now_ms - self._live_since_ms >= self._options.steady_ms:
            self._attempts = 0
        self.state, self.why = ChannelState.HEALING, why
        if not self.private:
            self._chain.forget()
            if isinstance(self.fold, Book):
                self.fold.book.forget()
        self.deadline_ms = None
        first, longest = self._options.heal_first_ms, self._options.heal_longest_ms
        self.due_ms = now_ms
        if self._attempts or not at_once:
            self.due_ms += pause_ms(max(0, self._attempts - 1), first, longest, self._chance)

    def take(self, message: Message, now_ms: int) -> News | None:
        """Take in a message; None: it is not news, or breaks the channel (`state`, `due_ms`)."""
        step = self._chain.step(message)
        if step is Step.OLD:
            self._counts.old += 1
        if step is Step.GAP and (self.live or not self.private):
            self._counts.gaps += 1
            self.broken(now_ms, f"after {self._chain.sequence} came {message['previous']}")
        if step not in {Step.SNAPSHOT, Step.NEXT}:
            return None
        if step is Step.SNAPSHOT and self.private and message["sequence"] < self._known:
            self._counts.old += 1
            return None  # older than what we know; the one that was asked for is yet to come
        return self._fold(message, step, now_ms)

    def _fold(self, message: Message, step: Step, now_ms: int) -> News | None:
        sequence = message["sequence"]
        snapshot = step is Step.SNAPSHOT
        again = snapshot and self._seen is not None and sequence != self._seen
        try:
            item = self.fold.take(message, again=again)
        except BookBroken as error:
            self._counts.wrong_checksums += isinstance(error, WrongChecksum)
            self.broken(now_ms, str(error))
            return None
        except (AttributeError, KeyError, TypeError):
            self.broken(now_ms, "a message that is not understood")
            return None
        self._chain.advance(message)
        self._counts.missed += bool(item.get("missed"))
        if sequence < self._known:
            self._rewound(now_ms)
            return None
        self._known = self._seen = sequence
        self._be_live(now_ms)
        return News(item, snapshot)

    def _rewound(self, now_ms: int) -> None:
        """Show nothing that is older than what was shown: updates that lead on from here follow, or we ask."""
        if self.live:
            self.state, self.why = ChannelState.HEALING, "a snapshot went back in time"
            self.deadline_ms = now_ms + self._options.answer_ms

    def _be_live(self, now_ms: int) -> None:
        if not self.live:
            self.state, self.why = ChannelState.LIVE, ""
            self._live_since_ms = now_ms
        self.due_ms = self.deadline_ms = None

    def _begin_anew(self) -> None:
        self._chain.forget()
        self._known = 0
        if isinstance(self.fold, Book):
            self.fold.book.forget()
