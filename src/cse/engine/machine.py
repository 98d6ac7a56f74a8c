"""The Python engine: one command in, events out. The executable specification of the exchange."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from cse.core.errors import CodecError, OutOfSequence
from cse.engine import amending, cancelling, ledger, listings, placing, timers
from cse.engine.dump import dump, hash_records
from cse.engine.limits import MAX_TIME_MS
from cse.engine.state import State
from cse.messages import commands as c
from cse.messages.batch import INDEX_MASK, Outcome, Sealed
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.events import Applied, Rejected
from cse.messages.framed import FramedRecords
from cse.messages.wire import Command, Event, Record

_HANDLERS: Final[dict[type[Command], Callable[[State, Any], Rejected | None]]] = {
    c.CreateAsset: listings.create_asset,
    c.SetFeeTier: listings.set_fee_tier,
    c.CreateMarket: listings.create_market,
    c.UpdateMarket: listings.update_market,
    c.SetMarketStatus: listings.set_market_status,
    c.OpenAccount: listings.open_account,
    c.SetAccountStatus: listings.set_account_status,
    c.SetAccountFeeTier: listings.set_account_fee_tier,
    c.PlaceOrder: placing.place_order,
    c.AmendOrder: amending.amend_order,
    c.CancelOrder: cancelling.cancel_order,
    c.CancelAll: cancelling.cancel_all,
    c.SetCancelAfter: cancelling.set_cancel_after,
    c.Tick: timers.tick,
    c.CreditDeposit: ledger.credit_deposit,
    c.HoldWithdrawal: ledger.hold_withdrawal,
    c.SettleWithdrawal: ledger.settle_withdrawal,
    c.ReleaseWithdrawal: ledger.release_withdrawal,
    c.Transfer: ledger.transfer,
}


class PythonEngine:
    """See `cse.engine.backend.Engine` for what each method promises."""

    def __init__(self, state: State | None = None) -> None:
        """Begin with a restored state, or as an empty venue."""
        self._state = State() if state is None else state

    @property
    def name(self) -> Literal["python"]:
        """Which engine this is."""
        return "python"

    @property
    def sequence(self) -> int:
        """The last command that was applied."""
        return self._state.sequence

    @property
    def time_ms(self) -> int:
        """The time of the last command."""
        return self._state.time_ms

    def apply(self, sequence: int, time_ms: int, command: Command) -> list[Event]:
        """Apply one command and return what happened."""
        state = self._state
        assert sequence == state.sequence + 1, f"command {sequence} after {state.sequence}"
        assert state.time_ms <= time_ms <= MAX_TIME_MS, f"time {time_ms} after {state.time_ms}"
        state.sequence = sequence
        state.time_ms = time_ms
        events = state.events = []
        rejected = _HANDLERS[type(command)](state, command)
        if rejected is not None:
            assert not events, "a refusal changes nothing"
            return [rejected]
        if state.trigger_queue:
            timers.drain_triggers(state)
        return events

    def run(self, sealed: Sealed) -> Outcome:
        """Apply commands that were sealed together and return what came of them."""
        time_ms, apply = sealed.time_ms, self.apply
        items = [
            Applied(sequence, time_ms, command, apply(sequence, time_ms, command))
            for sequence, command in enumerate(sealed.commands, sealed.first_sequence)
        ]
        return Outcome(sealed, items=items)

    def apply_batch(self, frames: bytes) -> bytes:
        """Apply command frames and return event frames."""
        apply, out = self.apply, []
        for command, sequence, time_ms in self._checked(frames):
            for index, event in enumerate(apply(sequence, time_ms, command)):
                out.append(encode_frame(event, sequence, time_ms, index & INDEX_MASK))
        return b"".join(out)

    def replay(self, frames: bytes) -> None:
        """Apply command frames whose events nobody wants."""
        apply = self.apply
        for command, sequence, time_ms in self._checked(frames):
            apply(sequence, time_ms, command)

    def _checked(self, frames: bytes) -> list[tuple[Command, int, int]]:
        """Decode all of the frames, whose sequences must follow ours and whose times never go back."""
        found: list[tuple[Command, int, int]] = []
        last, now = self._state.sequence, self._state.time_ms
        for command, _, sequence, time_ms in decode_frames(frames):
            if not isinstance(command, Command):
                raise CodecError(f"a {type(command).__name__} is no command")
            if sequence != last + 1:
                raise OutOfSequence(f"command {sequence} after {last}")
            if time_ms < now:
                raise OutOfSequence(f"command {sequence}: time went back from {now} to {time_ms}")
            if time_ms > MAX_TIME_MS:
                raise OutOfSequence(f"command {sequence}: time {time_ms} is beyond all times")
            last, now = sequence, time_ms
            found.append((command, sequence, time_ms))
        return found

    def records(self) -> Iterator[Record]:
        """Yield the whole state in canonical order."""
        return dump(self._state)

    def snapshot(self) -> FramedRecords:
        """Return the whole state as frames."""
        return FramedRecords.of(self.records())

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the encoded records."""
        return hash_records(self.records())

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next."""
        return timers.next_tick_at(self._state)
