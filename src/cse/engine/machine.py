"""The Python engine: one command in, events out. The executable specification of the exchange."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from cse.engine import amending, cancelling, ledger, listings, placing, timers
from cse.engine.dump import dump, hash_records
from cse.engine.state import State
from cse.messages import commands as c
from cse.messages.events import Rejected
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
        assert time_ms >= state.time_ms, f"time went back from {state.time_ms} to {time_ms}"
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

    def records(self) -> Iterator[Record]:
        """Yield the whole state in canonical order."""
        return dump(self._state)

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the encoded records."""
        return hash_records(self.records())

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next."""
        return timers.next_tick_at(self._state)
