"""Staff finds people, and freezes or (with a second person) unfreezes their accounts."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from cse.core.ids import MAX_ID
from cse.gateway.concerns import served
from cse.gateway.cursors import PEOPLE, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import ACCOUNT, TAG, USER, Reason, account_of, act_of, encode, told
from cse.gateway.http.admin.proposing import (
    PROPOSED,
    ApprovalJson,
    Wanted,
    approval_json,
    proposed,
)
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import not_found
from cse.gateway.requests import decode
from cse.gateway.staff_acts.doing import owners
from cse.gateway.staff_acts.sub_accounts import follow
from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from cse.users.approvals.model import Approval
from cse.users.audit import Act, account_object, user_actor
from cse.users.authority import Permission
from cse.users.people_search import PeopleSearch, Person

Status = Literal["open", "frozen", "closed"]
_MOST: Final = 1_000
"""Sessions and keys are counted up to here."""


class PeopleQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Whom to find: all that is given must fit."""

    email: Annotated[str, Meta(min_length=1, max_length=254)] | None = None
    """How the address begins."""
    handle: Annotated[str, Meta(min_length=1, max_length=20)] | None = None
    """How the handle begins."""
    account_id: Annotated[int, Meta(ge=1, le=MAX_ID)] | None = None


class StaffPerson(msgspec.Struct, frozen=True):
    """A registered person."""

    user_id: int
    email: str
    handle: str
    account_id: int
    status: Status | None
    """The account's; null until it is open."""
    fee_tier: int | None
    roles: list[str]
    """Besides `user`."""
    created_at: int
    verified_at: int | None
    """When the e-mail address was proved; null: it was not."""


class PeopleList(msgspec.Struct, frozen=True):
    """A page of people, in the order in which they registered."""

    people: list[StaffPerson]
    next_cursor: str | None


class PersonAnswer(msgspec.Struct, frozen=True):
    """One person, and what they have."""

    person: StaffPerson
    factors: list[str]
    """Second factors that log-ins ask for, such as `totp`."""
    sessions: int
    """That are not over (at most 1000 are counted)."""
    api_keys: int
    """That are not revoked."""
    audit_of: str
    """Where to read what was done to them."""
    audit_by: str
    """Where to read what they did."""


class StatusRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account is to be."""

    status: Literal["open", "frozen"]
    reason: Reason


class StatusAnswer(msgspec.Struct, frozen=True):
    """What an account was and is."""

    account_id: int
    before: Status
    status: Status
    approval: ApprovalJson | None
    """The proposal to unfreeze it; null: it was frozen at once."""


class PeopleCalls:
    """People over HTTP, for staff."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Search in SQL, read standings from the live view, act through the queue."""
        self._deps = deps

    async def people(self, call: Call) -> Answer:
        """Find people by how their e-mail address or handle begins, or by account."""
        wanted: PeopleQuery = call.query(PeopleQuery)
        after = read_cursor(PEOPLE, wanted.cursor)
        found = await self._deps.authority.people.find(
            PeopleSearch(wanted.email, wanted.handle, wanted.account_id),
            after=after[0] if after else 0,
            limit=wanted.limit + 1,
        )
        page = found[: wanted.limit]
        cursor = write_cursor(PEOPLE, page[-1].user_id) if len(found) > wanted.limit else None
        return Answer(200, encode(PeopleList([self._told(person) for person in page], cursor)))

    async def person(self, call: Call) -> Answer:
        """Return one person: standing, roles, second factors, how many sessions and keys, where their records are."""
        person = await person_of(self._deps, call)
        user_id, users = person.user_id, self._deps.users
        sessions = await users.session_list.page(user_id, before=None, limit=_MOST)
        keys = await users.api_keys.keys_of(user_id, before=None, limit=_MOST)
        who = user_actor(user_id)
        told_ = PersonAnswer(
            person=self._told(person),
            factors=await served(self._deps.concerns.second_factors).of(user_id),
            sessions=len(sessions),
            api_keys=len(keys),
            audit_of=f"/api/admin/audit?object={who}",
            audit_by=f"/api/admin/audit?actor={who}",
        )
        return Answer(200, encode(told_))

    async def set_status(self, call: Call) -> Answer:
        """Freeze an account at once, or propose (202) to unfreeze it.

        A frozen account can cancel orders and receive money, nothing else, and its sessions are over.
        The sub-accounts of a first account follow it; if that was not answered, do it again.
        """
        asked = decode(StatusRequest, call.body)
        view = account_of(self._deps, call)
        before = _status(view.status)
        if asked.status == "open":
            return await self._propose_open(call, asked, view.account_id, before)
        act = act_of(
            call,
            Act.ACCOUNT_STATUS_SET,
            account_object(view.account_id),
            before={"status": before},
            after={"status": asked.status},
            reason=asked.reason,
        )
        await told(self._deps, act, SetAccountStatus(view.account_id, AccountStatus.FROZEN))
        await follow(self._deps, view.account_id, AccountStatus.FROZEN)
        return Answer(200, encode(StatusAnswer(view.account_id, before, asked.status, None)))

    async def _propose_open(
        self, call: Call, asked: StatusRequest, account_id: int, before: Status
    ) -> Answer:
        wanted = Wanted(
            act=Act.ACCOUNT_STATUS_SET,
            object=account_object(account_id),
            wanted={"account_id": account_id, "status": asked.status},
            after={"status": asked.status},
            reason=asked.reason,
            subjects=await owners(self._deps, account_id),
        )
        approval: Approval = await proposed(self._deps, call, wanted)
        now = self._deps.live.account(account_id)
        status = _status(now.status) if now else before
        told_ = StatusAnswer(account_id, before, status, approval_json(approval))
        return Answer(PROPOSED, encode(told_))

    def _told(self, person: Person) -> StaffPerson:
        view = self._deps.live.account(person.account_id)
        return StaffPerson(
            user_id=person.user_id,
            email=person.email,
            handle=person.handle,
            account_id=person.account_id,
            status=_status(view.status) if view else None,
            fee_tier=view.fee_tier if view else None,
            roles=person.roles,
            created_at=person.created_at,
            verified_at=person.verified_at,
        )


def people_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about people."""
    calls = PeopleCalls(deps)
    read: dict[str, Any] = {"need": Need.READ, "permission": Permission.PEOPLE_READ}
    return [
        Operation(
            "GET",
            "/api/admin/users",
            calls.people,
            "Find people",
            TAG,
            PeopleList,
            query=PeopleQuery,
            **read,
        ),
        Operation(
            "GET",
            "/api/admin/users/{user_id}",
            calls.person,
            "One person, and what they have",
            TAG,
            PersonAnswer,
            statuses=(404,),
            parameters=USER,
            **read,
        ),
        Operation(
            "POST",
            "/api/admin/accounts/{account_id}/status",
            calls.set_status,
            "Freeze an account; propose to unfreeze it",
            TAG,
            StatusAnswer,
            Need.READ,
            body=StatusRequest,
            statuses=(404, 409),
            also={PROPOSED: "It is to be unfrozen: proposed."},
            parameters=ACCOUNT,
            permission=Permission.ACCOUNT_FREEZE,
        ),
    ]


async def person_of(deps: GatewayDeps, call: Call) -> Person:
    """Return the person of a path's `user_id`; raises ApiProblem 404."""
    user_id = parse_id(call.path["user_id"])
    if user_id is not None:
        wanted = PeopleSearch(user_id=user_id)
        if found := await deps.authority.people.find(wanted, after=0, limit=1):
            return found[0]
    raise not_found("person")


def _status(status: AccountStatus) -> Status:
    return status.name.lower()  # type: ignore[return-value]  # a member's name, as in the Literal
