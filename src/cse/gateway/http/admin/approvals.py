"""Staff reads proposals and decides them. Each needs the permission of its own act, which is asked in the service."""

from typing import Any, Literal

import msgspec

from cse.gateway.concerns import served
from cse.gateway.cursors import APPROVALS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, Reason, ReasonOnly, encode
from cse.gateway.http.admin.proposing import (
    ApprovalAnswer,
    ApprovalJson,
    StatusName,
    answered,
    approval_json,
    refusals,
)
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import not_found
from cse.gateway.requests import decode
from cse.users.approvals.model import Status
from cse.users.approvals.service import Approvals
from cse.users.authority import Permission


class ApprovalQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Which proposals."""

    status: StatusName | None = None
    """None: all."""


class ApprovalList(msgspec.Struct, frozen=True):
    """A page of proposals, newest first."""

    approvals: list[ApprovalJson]
    next_cursor: str | None


class SettleRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of an act whose outcome nobody could tell."""

    outcome: Literal["done", "failed"]
    reason: Reason


class ApprovalCalls:
    """Proposals over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the service."""
        self._deps = deps

    async def approvals(self, call: Call) -> Answer:
        """Return proposals, newest first."""
        wanted: ApprovalQuery = call.query(ApprovalQuery)
        before = read_cursor(APPROVALS, wanted.cursor)
        found = await self._service.page(
            Status(wanted.status) if wanted.status else None,
            before=before[0] if before else None,
            limit=wanted.limit + 1,
        )
        page = found[: wanted.limit]
        cursor = write_cursor(APPROVALS, page[-1].number) if len(found) > wanted.limit else None
        return Answer(200, encode(ApprovalList([approval_json(each) for each in page], cursor)))

    async def approval(self, call: Call) -> Answer:
        """Return one proposal."""
        with refusals():
            return answered(await self._service.approval(_number(call)))

    async def approve(self, call: Call) -> Answer:
        """Agree to somebody else's proposal; the last vote that is needed has it executed.

        `executing` in the answer: its outcome is not known yet; look again. `failed`: nothing was done.
        """
        asked = decode(ReasonOnly, call.body)
        with refusals():
            return answered(
                await self._service.approve(_number(call), call.caller.user_id, asked.reason)
            )

    async def reject(self, call: Call) -> Answer:
        """End somebody else's proposal."""
        asked = decode(ReasonOnly, call.body)
        with refusals():
            return answered(
                await self._service.reject(_number(call), call.caller.user_id, asked.reason)
            )

    async def withdraw(self, call: Call) -> Answer:
        """Take back one's own proposal that is still pending."""
        with refusals():
            return answered(await self._service.withdraw(_number(call), call.caller.user_id))

    async def settle(self, call: Call) -> Answer:
        """Say what became of an act that is `unknown`, having looked. Not for the proposer; nothing is executed."""
        asked = decode(SettleRequest, call.body)
        with refusals():
            settled = await self._service.settle(
                _number(call),
                call.caller.user_id,
                is_done=asked.outcome == "done",
                reason=asked.reason,
            )
        return answered(settled)

    @property
    def _service(self) -> Approvals:
        return served(self._deps.concerns.approvals)


def approval_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about proposals."""
    calls, path = ApprovalCalls(deps), "/api/admin/approvals"
    one: dict[str, Any] = {
        "tag": TAG,
        "answer": ApprovalAnswer,
        "need": Need.READ,
        "parameters": {"id": {"type": "integer", "minimum": 1}},
    }
    decide: dict[str, Any] = {
        **one,
        "statuses": (404, 409),
        "permission": Permission.APPROVALS_DECIDE,
    }
    at = path + "/{id}"
    return [
        Operation(
            "GET",
            path,
            calls.approvals,
            "Proposals of staff",
            TAG,
            ApprovalList,
            Need.READ,
            query=ApprovalQuery,
            permission=Permission.APPROVALS_READ,
        ),
        Operation(
            "GET",
            at,
            calls.approval,
            "One proposal",
            statuses=(404,),
            permission=Permission.APPROVALS_READ,
            **one,
        ),
        Operation(
            "POST", at + "/approve", calls.approve, "Agree to one", body=ReasonOnly, **decide
        ),
        Operation("POST", at + "/reject", calls.reject, "Reject one", body=ReasonOnly, **decide),
        Operation("POST", at + "/withdraw", calls.withdraw, "Withdraw one's own", **decide),
        Operation(
            "POST",
            at + "/settle",
            calls.settle,
            "Say what became of one",
            body=SettleRequest,
            **decide,
        ),
    ]


def _number(call: Call) -> int:
    number = parse_id(call.path["id"])
    if number is None:
        raise not_found("approval")
    return number
