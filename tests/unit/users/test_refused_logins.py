"""Refused log-ins are recorded, bounded, without what strangers typed, and never in the way of a refusal."""

from cse.core.errors import Unavailable
from cse.users.audit import MemoryAuditTrail
from cse.users.refused_logins import PER_WINDOW, WINDOW_MS, RefusedLogIns
from tests.unit.users.people import FakeClock


async def test_a_flood_is_counted_and_not_kept() -> None:
    """So many in a window; the next window's first record says how many were left out."""
    trail, clock = MemoryAuditTrail(), FakeClock()
    refused = RefusedLogIns(trail, clock)
    for _ in range(PER_WINDOW + 40):
        await refused.note(None, "wrong_credentials")
    assert len(trail.acts) == PER_WINDOW
    clock.time_ms += WINDOW_MS
    await refused.note(7, "wrong_credentials")
    await refused.note(7, "wrong_credentials")
    first, second = trail.acts[PER_WINDOW:]
    assert (first.after, second.after) == ({"left_out_before": 40}, {})
    assert (first.actor, first.object) == ("nobody", "user:7")
    assert trail.acts[0].object == "nobody"


async def test_a_refusal_stands_when_it_cannot_be_recorded() -> None:
    """The database is away: nothing is raised, and it is counted as left out."""
    trail, clock = MemoryAuditTrail(), FakeClock()
    refused = RefusedLogIns(trail, clock)
    trail.fails = Unavailable("away")
    await refused.note(7, "wrong_credentials")
    trail.fails = None
    await refused.note(7, "wrong_credentials")
    assert [act.after for act in trail.acts] == [{"left_out_before": 1}]
