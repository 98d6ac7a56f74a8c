"""Staff proposes who is what, and that somebody's lost second factors are reset."""

from typing import Any

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, USER, ReasonOnly
from cse.gateway.http.admin.people import person_of
from cse.gateway.http.admin.proposing import PROPOSED, ApprovalAnswer, Wanted, propose
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import not_found
from cse.gateway.requests import decode
from cse.users.audit import Act, user_actor
from cse.users.authority import Permission, Role

_GIVEN = {role.value for role in Role if role is not Role.USER}


class IdentityCalls:
    """Roles and second factors of others over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Propose; see `cse.gateway.staff_acts.people` for what is done then."""
        self._deps = deps

    async def grant(self, call: Call) -> Answer:
        """Propose to give somebody a role; it counts within a second of its approval."""
        return await self._propose_role(call, held=True)

    async def revoke(self, call: Call) -> Answer:
        """Propose to take a role away."""
        return await self._propose_role(call, held=False)

    async def reset_factors(self, call: Call) -> Answer:
        """Propose to remove all second factors of somebody who has lost them. Ends their sessions; they are told."""
        asked = decode(ReasonOnly, call.body)
        person = await person_of(self._deps, call)
        served(self._deps.concerns.second_factors)
        wanted = Wanted(
            act=Act.FACTORS_RESET,
            object=user_actor(person.user_id),
            wanted={"user_id": person.user_id},
            after={"factors": []},
            reason=asked.reason,
            subjects=[person.user_id],
        )
        return await propose(self._deps, call, wanted)

    async def _propose_role(self, call: Call, *, held: bool) -> Answer:
        asked = decode(ReasonOnly, call.body)
        role = call.path["role"]
        if role not in _GIVEN:
            raise not_found("role to give or take")
        person = await person_of(self._deps, call)
        after = {*person.roles, role} if held else {*person.roles} - {role}
        wanted = Wanted(
            act=Act.ROLE_GRANTED if held else Act.ROLE_REVOKED,
            object=user_actor(person.user_id),
            wanted={"user_id": person.user_id, "role": role},
            after={"roles": sorted(after)},
            reason=asked.reason,
            subjects=[person.user_id],
        )
        return await propose(self._deps, call, wanted)


def identity_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about who is what."""
    calls = IdentityCalls(deps)
    proposal: dict[str, Any] = {
        "tag": TAG,
        "answer": ApprovalAnswer,
        "need": Need.READ,
        "body": ReasonOnly,
        "status": PROPOSED,
        "statuses": (404, 409),
    }
    role: dict[str, Any] = {
        **proposal,
        "parameters": {**USER, "role": {"type": "string", "enum": sorted(_GIVEN)}},
        "permission": Permission.ROLES_SET,
    }
    path = "/api/admin/users/{user_id}"
    return [
        Operation("PUT", path + "/roles/{role}", calls.grant, "Propose to give a role", **role),
        Operation("DELETE", path + "/roles/{role}", calls.revoke, "Propose to take a role", **role),
        Operation(
            "POST",
            path + "/reset-factors",
            calls.reset_factors,
            "Propose to reset lost second factors",
            parameters=USER,
            permission=Permission.RESET_FACTORS,
            **proposal,
        ),
    ]
