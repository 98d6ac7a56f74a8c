"""Staff list, set and assign fee tiers."""

from typing import Annotated

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, Reason, act_of, encode, told
from cse.gateway.http.lists import parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import from_reject_code, not_found
from cse.gateway.requests import decode
from cse.messages.commands import SetAccountFeeTier, SetFeeTier
from cse.messages.reject_codes import RejectCode
from cse.users.audit import Act, account_object
from cse.users.authority import Permission

Ppm = Annotated[int, Meta(ge=0, le=2**32 - 1, description="Parts per million of what is received.")]


class Tier(msgspec.Struct, frozen=True):
    """What accounts of a tier pay."""

    tier: int
    maker_ppm: int
    taker_ppm: int


class TierList(msgspec.Struct, frozen=True):
    """All tiers (there are at most 256), by number."""

    fee_tiers: list[Tier]


class TierAnswer(msgspec.Struct, frozen=True):
    """A tier as it is now."""

    fee_tier: Tier


class TierRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tier is to pay."""

    maker_ppm: Ppm
    taker_ppm: Ppm
    reason: Reason


class AssignRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tier an account is to pay."""

    fee_tier: Annotated[int, Meta(ge=0, le=255)]
    reason: Reason


class Assigned(msgspec.Struct, frozen=True):
    """What an account paid, and pays from the next trade on."""

    account_id: int
    before: int
    fee_tier: int


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
        """Make or change a fee tier; it counts from the next trade on."""
        asked = decode(TierRequest, call.body)
        number = _tier(call.path["tier"])
        known = self._deps.catalog.fee_tiers.get(number)
        act = act_of(
            call,
            Act.FEE_TIER_SET,
            f"fee_tier:{number}",
            before={"maker_ppm": known.maker_ppm, "taker_ppm": known.taker_ppm} if known else {},
            after={"maker_ppm": asked.maker_ppm, "taker_ppm": asked.taker_ppm},
            reason=asked.reason,
        )
        await told(self._deps, act, SetFeeTier(number, asked.maker_ppm, asked.taker_ppm))
        return Answer(200, encode(TierAnswer(Tier(number, asked.maker_ppm, asked.taker_ppm))))

    async def assign(self, call: Call) -> Answer:
        """Move an account to another fee tier."""
        asked = decode(AssignRequest, call.body)
        account_id = parse_id(call.path["account_id"])
        view = self._deps.live.account(account_id) if account_id is not None else None
        if view is None:
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        act = act_of(
            call,
            Act.FEE_TIER_ASSIGNED,
            account_object(view.account_id),
            before={"fee_tier": view.fee_tier},
            after={"fee_tier": asked.fee_tier},
            reason=asked.reason,
        )
        await told(self._deps, act, SetAccountFeeTier(view.account_id, asked.fee_tier))
        return Answer(200, encode(Assigned(view.account_id, view.fee_tier, asked.fee_tier)))


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
            "Make or change a fee tier",
            TAG,
            TierAnswer,
            Need.READ,
            body=TierRequest,
            statuses=(404, 409),
            parameters={"tier": {"type": "integer", "minimum": 0, "maximum": 255}},
            permission=Permission.FEES_SET,
        ),
        Operation(
            "POST",
            "/api/admin/accounts/{account_id}/fee-tier",
            calls.assign,
            "Move an account to another fee tier",
            TAG,
            Assigned,
            Need.READ,
            body=AssignRequest,
            statuses=(404, 409),
            parameters={"account_id": {"type": "integer", "minimum": 1}},
            permission=Permission.FEES_SET,
        ),
    ]


def _tier(text: str) -> int:
    number = 0 if text == "0" else parse_id(text)
    if number is None or number > 255:
        raise not_found("fee tier")
    return number
