"""Staff proposes payments out of the house's own accounts. Nobody else's money is ever taken by this call."""

from hashlib import blake2b
from typing import Annotated

import msgspec
from msgspec import Meta

from cse.core.ids import FIRST_USER_ACCOUNT, MAX_ID
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, Reason
from cse.gateway.http.admin.proposing import PROPOSED, ApprovalAnswer, Wanted, propose
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import Price
from cse.gateway.problems import from_reject_code, invalid
from cse.gateway.requests import Amounts, decode
from cse.gateway.staff_acts.doing import owners
from cse.messages.catalog import Asset
from cse.messages.reject_codes import RejectCode
from cse.users.approvals.model import KEY_BYTES
from cse.users.audit import Act, account_object
from cse.users.authority import Permission

_HEADER = "Idempotency-Key"
_KEY_HELP = "1 to 128 printable ASCII characters; the same again is the same proposal."
AccountId = Annotated[int, Meta(ge=1, le=MAX_ID)]


class TransferRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be paid."""

    from_account_id: Annotated[int, Meta(ge=1, lt=FIRST_USER_ACCOUNT)]
    """One of the house's: 1 is where trading fees come in."""
    to_account_id: AccountId
    asset: Annotated[str, Meta(max_length=16, examples=["USDC"])]
    amount: Price
    reason: Reason


class HouseCalls:
    """The house's money over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Propose; see `cse.gateway.staff_acts.house` for what is done then."""
        self._deps = deps

    async def transfer(self, call: Call) -> Answer:
        """Propose a payment out of an account of the house; it is made once, however often it is asked for."""
        asked = decode(TransferRequest, call.body)
        key = _key(call)
        asset, amount = self._amount(asked)
        accounts = (asked.from_account_id, asked.to_account_id)
        if asked.from_account_id == asked.to_account_id:
            raise invalid({"to_account_id": "is the account that pays"})
        if None in map(self._deps.live.account, accounts):
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        wanted = Wanted(
            act=Act.HOUSE_TRANSFER,
            object=account_object(asked.from_account_id),
            wanted={
                "from_account_id": asked.from_account_id,
                "to_account_id": asked.to_account_id,
                "asset_id": asset.asset_id,
                "amount": amount,
            },
            after={
                "to": account_object(asked.to_account_id),
                "asset": asset.symbol,
                "amount": asset.format(amount),
            },
            reason=asked.reason,
            subjects=await owners(self._deps, asked.to_account_id),
            key=key,
        )
        return await propose(self._deps, call, wanted)

    def _amount(self, asked: TransferRequest) -> tuple[Asset, int]:
        asset = self._deps.catalog.assets_by_symbol.get(asked.asset)
        if asset is None:
            raise from_reject_code(RejectCode.ASSET_NOT_FOUND)
        amounts = Amounts()
        amount = amounts.units("amount", asked.amount, asset)
        amounts.check()
        return asset, amount


def house_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about the house's money."""
    return [
        Operation(
            "POST",
            "/api/admin/house/transfers",
            HouseCalls(deps).transfer,
            "Propose a payment of the house",
            TAG,
            ApprovalAnswer,
            Need.READ,
            body=TransferRequest,
            status=PROPOSED,
            statuses=(404, 409),
            headers={_HEADER: _KEY_HELP},
            permission=Permission.HOUSE_TRANSFER,
        )
    ]


def _key(call: Call) -> bytes:
    """Return the 16 bytes that name this payment: of this person and their header."""
    given = call.context.headers.get(_HEADER.lower().encode("ascii"), b"")
    if not 1 <= len(given) <= 128 or not all(33 <= byte <= 126 for byte in given):
        raise invalid({_HEADER: f"this header is required: {_KEY_HELP}"})
    text = b"house\0%d\0%s" % (call.caller.user_id, given)
    return blake2b(text, digest_size=KEY_BYTES).digest()
