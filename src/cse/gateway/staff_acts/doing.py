"""What the executors of staff's acts share: the state as it is now, a record, a command, the engine's answer."""

from typing import Final

import msgspec

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.deps import GatewayDeps
from cse.messages.commands import Tick
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command
from cse.projections.live.accounts import AccountView
from cse.users.approvals.errors import ActRefused
from cse.users.approvals.model import STALE
from cse.users.approvals.ports import Execution
from cse.users.audit import Act, Facts
from cse.users.audit_log import AuditFilter
from cse.users.people_search import PeopleSearch, Person

_RECORDS: Final = 100


async def catch_up(deps: GatewayDeps) -> None:
    """Return once the views here hold everything that any gateway had done before this call.

    A command's events are seen here before its answer, so one that changes nothing is enough.

    Raises:
        Unavailable: the engine cannot be reached.
    """
    try:
        await deps.queue.submit(Tick())
    except OutcomeUnknown as error:  # whether time passed does not matter
        raise Unavailable(str(error)) from error


async def apply(deps: GatewayDeps, execution: Execution, command: Command) -> None:
    """Record the act, then have its command applied.

    Raises:
        ActRefused: the engine refused it.
        Unavailable: nothing was done.
        OutcomeUnknown: it may have been.
    """
    await deps.authority.trail.record(execution.record)
    applied = await deps.queue.submit(command)
    first = applied.events[0] if applied.events else None
    if isinstance(first, Rejected) and first.code is not RejectCode.ALREADY_APPLIED:
        raise ActRefused(first.code.name.lower())


async def refuse_if_stopped_again(deps: GatewayDeps, execution: Execution, *acts: Act) -> None:
    """Refuse to open what somebody froze or stopped once more after the proposal: they had a reason of their own.

    What is so looks the same before and after, so `before` alone does not show it; the audit log does.

    Raises:
        ActRefused: it was.
        Unavailable: the log is out of reach.
    """
    approval = execution.approval
    for act in acts:
        later = AuditFilter(act=act.value, object=approval.object, from_ms=approval.proposed_at + 1)
        for record in await deps.authority.log.search(later, before=None, limit=_RECORDS):
            if msgspec.json.decode(record.after)["status"] != execution.wanted["status"]:
                raise ActRefused(STALE)


def number(wanted: Facts, name: str) -> int:
    """Return a number of what is wanted."""
    value = wanted[name]
    assert isinstance(value, int), f"{name} is stored as a number"
    return value


def text(wanted: Facts, name: str) -> str:
    """Return a text of what is wanted."""
    value = wanted[name]
    assert isinstance(value, str), f"{name} is stored as text"
    return value


async def account_now(deps: GatewayDeps, wanted: Facts) -> AccountView:
    """Return the account that is meant as it is now; raises ActRefused: there is none."""
    await catch_up(deps)
    view = deps.live.account(number(wanted, "account_id"))
    if view is None:
        raise ActRefused("account_not_found")
    return view


async def person_now(deps: GatewayDeps, wanted: Facts) -> Person:
    """Return the person that is meant as they are now; raises ActRefused: there is none."""
    found = await deps.authority.people.find(
        PeopleSearch(user_id=number(wanted, "user_id")), after=0, limit=1
    )
    if not found:
        raise ActRefused("user_not_found")
    return found[0]


async def owners(deps: GatewayDeps, *account_ids: int) -> list[int]:
    """Return the user ids of those to whom accounts belong; the house's belong to nobody."""
    people = deps.authority.people
    found = [
        await people.find(PeopleSearch(account_id=each), after=0, limit=1) for each in account_ids
    ]
    return sorted({person.user_id for persons in found for person in persons})
