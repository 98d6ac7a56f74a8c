"""Telling waiters so that the bug of one is not the loss of those behind it."""

from typing import Final

import structlog

from cse.core.errors import CseError, OutcomeUnknown
from cse.messages.batch import Outcome
from cse.messages.ports import Waiter

_log: Final = structlog.get_logger(__name__)


def tell(waiter: Waiter, outcome: Outcome) -> None:
    """Tell a waiter what became of its commands, if it still waits; never raises.

    One that raises (a bug of its own, or events that nobody can read) is told that its answer is lost: those
    behind it must not suffer for it.
    """
    try:
        if not waiter.done():
            waiter.set_result(outcome)
    except Exception:  # noqa: BLE001  # whatever it is, it is logged, and the next one's turn
        _log.critical("waiter_failed", first_sequence=outcome.first_sequence, exc_info=True)
        tell_failure(waiter, OutcomeUnknown("the answer is lost: whoever takes it has failed"))


def tell_failure(waiter: Waiter, error: CseError) -> None:
    """Tell a waiter why there is no answer, if it still waits; never raises."""
    try:
        if not waiter.done():
            waiter.set_exception(error)
    except Exception:  # noqa: BLE001  # as above
        _log.critical("waiter_failed", error=str(error), exc_info=True)
