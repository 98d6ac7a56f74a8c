"""Refused log-ins in the audit trail: enough of them to see an attack, never so many that one fills the disk."""

from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.audit import NOBODY, Act, AuditAct, AuditTrail, Facts, user_actor

PER_WINDOW: Final = 60
WINDOW_MS: Final = 60_000
"""A process records so many in a window; the next record says how many were left out before it."""

log = structlog.get_logger(__name__)


class RefusedLogIns:
    """Records refusals, bounded. Who was meant is told by user id only: what strangers type is not kept."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        """Begin a window with the first refusal."""
        self._trail = trail
        self._clock = clock
        self._window = 0
        self._recorded = 0
        self._left_out = 0

    async def note(self, user_id: int | None, reason: str) -> None:
        """Record a refusal; None: nobody is registered under that address.

        The log-in is refused whether this can be recorded or not, and both kinds cost the same.
        """
        window = self._clock.now_ms() // WINDOW_MS
        if window != self._window:
            self._window, self._recorded = window, 0
        if self._recorded >= PER_WINDOW:
            self._left_out += 1
            return
        self._recorded += 1
        left_out, self._left_out = self._left_out, 0
        after: Facts = {"left_out_before": left_out} if left_out else {}
        who = NOBODY if user_id is None else user_actor(user_id)
        act = AuditAct(act=Act.LOG_IN_REFUSED, actor=NOBODY, object=who, after=after, reason=reason)
        try:
            await self._trail.record(act)
        except Unavailable as error:
            self._left_out += left_out + 1
            log.warning("refused_log_in_not_recorded", error=str(error))
