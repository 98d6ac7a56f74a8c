"""What time brings: expiries, dead-man switches, and the rest of bounded cascades."""

from cse.engine.lifecycle import close
from cse.engine.limits import MAX_EXPIRIES_PER_TICK, MAX_TRIGGERS_PER_COMMAND
from cse.engine.placing import enter_triggered
from cse.engine.state import State
from cse.messages.commands import Tick
from cse.messages.events import CancelAfterSet, Rejected
from cse.messages.wire import CloseReason


def tick(state: State, command: Tick) -> Rejected | None:
    """Do what is due by now: orders expire first, then dead-man switches fire, by time and id."""
    del command
    for _ in range(MAX_EXPIRIES_PER_TICK):
        if not state.expiries or state.expiries[0][0] > state.time_ms:
            break
        close(state, state.orders[state.expiries[0][1]], CloseReason.EXPIRED)
    while state.cancel_afters and state.cancel_afters[0][0] <= state.time_ms:
        account = state.accounts[state.cancel_afters[0][1]]
        state.set_cancel_after(account, 0)
        for order in list(account.orders.values()):
            close(state, order, CloseReason.CANCEL_AFTER)
        state.events.append(CancelAfterSet(account.account_id, 0))
    return None


def drain_triggers(state: State) -> None:
    """Let triggered orders enter, first in first out, up to the bound of one command."""
    for _ in range(MAX_TRIGGERS_PER_COMMAND):
        if not state.trigger_queue:
            return
        _, order = state.trigger_queue.popitem(last=False)
        enter_triggered(state, order)


def next_tick_at(state: State) -> int | None:
    """Return when a Tick is due next, None when nothing waits for time."""
    if state.trigger_queue:
        return state.time_ms
    due = [queue[0][0] for queue in (state.expiries, state.cancel_afters) if queue]
    return min(due, default=None)
