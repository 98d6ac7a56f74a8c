"""Staff find people, and freeze or unfreeze their accounts."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cse.core.ids import MAX_ID
from cse.gateway.cursors import PEOPLE, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, Reason, act_of, encode, told
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import from_reject_code
from cse.gateway.requests import decode
from cse.messages.commands import SetAccountStatus
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus
from cse.users.audit import Act, account_object
from cse.users.authority import Permission
from cse.users.people_search import PeopleSearch, Person

Status = Literal["open", "frozen", "closed"]


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


class PeopleList(msgspec.Struct, frozen=True):
    """A page of people, in the order in which they registered."""

    people: list[StaffPerson]
    next_cursor: str | None


class StatusRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account is to be."""

    status: Literal["open", "frozen"]
    reason: Reason


class StatusAnswer(msgspec.Struct, frozen=True):
    """What an account was and is."""

    account_id: int
    before: Status
    status: Status


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

    async def set_status(self, call: Call) -> Answer:
        """Freeze or unfreeze an account. A frozen one can cancel orders and receive money, nothing else."""
        asked = decode(StatusRequest, call.body)
        account_id = parse_id(call.path["account_id"])
        view = self._deps.live.account(account_id) if account_id is not None else None
        if view is None:
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        before = _status(view.status)
        act = act_of(
            call,
            Act.ACCOUNT_STATUS_SET,
            account_object(view.account_id),
            before={"status": before},
            after={"status": asked.status},
            reason=asked.reason,
        )
        status = AccountStatus[asked.status.upper()]
        await told(self._deps, act, SetAccountStatus(view.account_id, status))
        return Answer(200, encode(StatusAnswer(view.account_id, before, asked.status)))

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
        )


def people_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about people."""
    calls = PeopleCalls(deps)
    return [
        Operation(
            "GET",
            "/api/admin/users",
            calls.people,
            "Find people",
            TAG,
            PeopleList,
            Need.READ,
            query=PeopleQuery,
            permission=Permission.PEOPLE_READ,
        ),
        Operation(
            "POST",
            "/api/admin/accounts/{account_id}/status",
            calls.set_status,
            "Freeze or unfreeze an account",
            TAG,
            StatusAnswer,
            Need.READ,
            body=StatusRequest,
            statuses=(404, 409),
            parameters={"account_id": {"type": "integer", "minimum": 1}},
            permission=Permission.ACCOUNT_FREEZE,
        ),
    ]


def _status(status: AccountStatus) -> Status:
    return status.name.lower()  # type: ignore[return-value]  # a member's name, as in the Literal
