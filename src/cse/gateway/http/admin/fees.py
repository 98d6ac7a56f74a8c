"""Staff lists fee tiers, and proposes to set and assign them."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import ACCOUNT, TAG, Reason, account_of, encode
from cse.gateway.http.admin.proposing import PROPOSED, ApprovalAnswer, Wanted, propose
from cse.gateway.http.lists import parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import from_reject_code, not_found
from cse.gateway.requests import decode
from cse.gateway.staff_acts.doing import owners
from cse.messages.reject_codes import RejectCode
from cse.users.audit import Act, Facts, account_object
from cse.users.authority import Permission

MAX_PPM: Final = 100_000
"""The most that the engine takes: a tenth."""
Ppm = Annotated[int, Meta(ge=0, le=MAX_PPM, description="Parts per million of what is received.")]


class Tier(msgspec.Struct, frozen=True):
    """What accounts of a tier pay."""

    tier: int
    maker_ppm: int
    taker_ppm: int


class TierList(msgspec.Struct, frozen=True):
    """All tiers (there are at most 256), by number."""

    fee_tiers: list[Tier]


class TierRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tier is to pay."""

    maker_ppm: Ppm
    taker_ppm: Ppm
    reason: Reason


class AssignRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tier an account is to pay."""

    fee_tier: Annotated[int, Meta(ge=0, le=255)]
    reason: Reason


class FeeCalls:
    """Fee tiers over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the catalog, act through the queue."""
        self._deps = deps

    async def tiers(self, _call: Call) -> Answer:
        """Return every fee tier."""
        found = sorted(self._deps.catalog.fee_tiers.values(), key=lambda each: each.tier)
        tiers = [Tier(each.tier, each.maker_ppm, each.taker_ppm) for each in found]
        return Answer(200, encode(TierList(tiers)))

    async def set_tier(self, call: Call) -> Answer:
        """Propose to make or change a fee tier; it counts from the next trade after its approval on."""
        asked = decode(TierRequest, call.body)
        number = _tier(call.path["tier"])
        rates: Facts = {"maker_ppm": asked.maker_ppm, "taker_ppm": asked.taker_ppm}
        wanted = Wanted(
            act=Act.FEE_TIER_SET,
            object=f"fee_tier:{number}",
            wanted={"tier": number, **rates},
            after=rates,
            reason=asked.reason,
        )
        return await propose(self._deps, call, wanted)

    async def assign(self, call: Call) -> Answer:
        """Propose to move an account to another fee tier."""
        asked = decode(AssignRequest, call.body)
        account_id = account_of(self._deps, call).account_id
        if asked.fee_tier not in self._deps.catalog.fee_tiers:
            raise from_reject_code(RejectCode.FEE_TIER_NOT_FOUND)
        wanted = Wanted(
            act=Act.FEE_TIER_ASSIGNED,
            object=account_object(account_id),
            wanted={"account_id": account_id, "fee_tier": asked.fee_tier},
            after={"fee_tier": asked.fee_tier},
            reason=asked.reason,
            subjects=await owners(self._deps, account_id),
        )
        return await propose(self._deps, call, wanted)


def fee_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about fees."""
    calls = FeeCalls(deps)
    return [
        Operation(
            "GET",
            "/api/admin/fee-tiers",
            calls.tiers,
            "Fee tiers",
            TAG,
            TierList,
            Need.READ,
            permission=Permission.FEES_READ,
        ),
        Operation(
            "PUT",
            "/api/admin/fee-tiers/{tier}",
            calls.set_tier,
            "Propose to make or change a fee tier",
            TAG,
            ApprovalAnswer,
            Need.READ,
            status=PROPOSED,
            body=TierRequest,
            statuses=(404, 409),
            parameters={"tier": {"type": "integer", "minimum": 0, "maximum": 255}},
            permission=Permission.FEES_SET,
        ),
        Operation(
            "POST",
            "/api/admin/accounts/{account_id}/fee-tier",
            calls.assign,
            "Propose another fee tier for an account",
            TAG,
            ApprovalAnswer,
            Need.READ,
            status=PROPOSED,
            body=AssignRequest,
            statuses=(404, 409),
            parameters=ACCOUNT,
            permission=Permission.FEES_SET,
        ),
    ]


def _tier(text: str) -> int:
    number = 0 if text == "0" else parse_id(text)
    if number is None or number > 255:
        raise not_found("fee tier")
    return number
