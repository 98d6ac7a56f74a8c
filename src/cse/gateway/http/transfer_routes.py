"""/api/transfers: money between accounts of one person, each transfer once per idempotency key."""

from typing import Annotated

import msgspec
from msgspec import Meta

from cse.core.ids import MAX_ID
from cse.gateway.concerns import served
from cse.gateway.cursors import TRANSFERS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.idempotency import KEY_HELP, money_key
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import Price
from cse.gateway.present import balance_json, encode
from cse.gateway.problems import edge_problem, from_reject_code, from_rejected, invalid
from cse.gateway.requests import Amounts, decode
from cse.gateway.schemas import Balance, Id, TimeMs
from cse.messages.catalog import Asset
from cse.messages.commands import Transfer
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.projections.transfers import TransferView
from cse.projections.views import PageKey
from cse.users.audit import Act, AuditAct, account_object

TAG = "Account"
_MOST_ACCOUNTS = 1_000
"""Of one person's, closed ones included, that the other side of a transfer is looked for among."""

AccountId = Annotated[int, Meta(ge=1, le=MAX_ID)]


class TransferRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money to move between two own accounts."""

    from_account_id: AccountId
    to_account_id: AccountId
    asset: Annotated[str, Meta(max_length=16, examples=["USDC"])]
    amount: Price


class MadeTransfer(msgspec.Struct, frozen=True):
    """A transfer that was made, and what both accounts have of the asset now."""

    from_account_id: Id
    to_account_id: Id
    asset: str
    amount: str
    from_balance: Balance
    to_balance: Balance


class TransferJson(msgspec.Struct, frozen=True):
    """A transfer in or out of the account."""

    sequence: Id
    """The command that made it, as in the ledger."""
    from_account_id: Id | None
    to_account_id: Id | None
    """Null: an account that is none of yours."""
    asset: str
    amount: str
    time: TimeMs


class TransferList(msgspec.Struct, frozen=True):
    """A page of the transfers of the account, newest first."""

    transfers: list[TransferJson]
    next_cursor: str | None


class TransferCalls:
    """Transfers over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Transfer through the queue; read history."""
        self._deps = deps

    async def transfer(self, call: Call) -> Answer:
        """Move available money between two of your accounts: your first one and your sub-accounts.

        A log-in may, and an API key of your first account with the scope `trade`; a sub-account's key may not.
        """
        if not call.caller.main_account_id:
            raise edge_problem(
                "forbidden", "A sub-account's API key makes no transfers; its owner's does."
            )
        key = money_key(call, "transfer", str(call.caller.owner_id))
        asked = decode(TransferRequest, call.body)
        self._refuse_foreign(call, asked)
        asset, amount = self._amount(asked)
        ids = (asked.from_account_id, asked.to_account_id)
        await self._deps.authority.trail.record(_act(call, asked, asset, amount))
        applied = await self._deps.queue.submit(Transfer(*ids, asset.asset_id, amount, key))
        first = applied.events[0]
        replayed = isinstance(first, Rejected) and first.code is RejectCode.ALREADY_APPLIED
        if isinstance(first, Rejected) and not replayed:
            raise from_rejected(first)
        sides = [
            balance_json(self._deps.live.balance(each, asset.asset_id), self._deps.catalog)
            for each in ids
        ]
        body = encode(MadeTransfer(*ids, asset.symbol, asset.format(amount), *sides))
        return Answer(200, body, {"Idempotent-Replayed": "true"}) if replayed else Answer(201, body)

    async def transfers(self, call: Call) -> Answer:
        """Return the transfers of the account that the call acts on, newest first."""
        wanted: Page = call.query(Page)
        deps, account_id = self._deps, call.account_id
        reader = served(deps.concerns.transfers)
        found_key = read_cursor(TRANSFERS, wanted.cursor)
        before = PageKey(*found_key) if found_key else None
        last = deps.live.last_sequence(account_id)
        await deps.gate.reach(last if before is None else min(last, before.sequence))
        others = await self._others(call)
        found = await reader.transfers(account_id, others, before=before, limit=wanted.limit + 1)
        page = found[: wanted.limit]
        cursor = write_cursor(TRANSFERS, *page[-1].key) if len(found) > wanted.limit else None
        told = [_json(each, deps.catalog.assets[each.asset_id]) for each in page]
        return Answer(200, encode(TransferList(told, cursor)))

    async def _others(self, call: Call) -> list[int]:
        """Return the accounts whose legs may be told to the caller: all of the person's; of a key, its own alone."""
        caller = call.caller
        if not caller.main_account_id:
            return [caller.account_id]
        own = await served(self._deps.concerns.sub_accounts).page(
            caller.owner_id, after=0, limit=_MOST_ACCOUNTS
        )
        return [caller.main_account_id, *(each.account_id for each in own)]

    def _refuse_foreign(self, call: Call, asked: TransferRequest) -> None:
        """Return if both accounts are the caller's, and not the same."""
        caller, acting = call.caller, self._deps.accounts
        for account_id in (asked.from_account_id, asked.to_account_id):
            acting.account(caller.owner_id, caller.main_account_id, account_id)
        if asked.from_account_id == asked.to_account_id:
            raise invalid({"to_account_id": "must be another account than from_account_id"})

    def _amount(self, asked: TransferRequest) -> tuple[Asset, int]:
        asset = self._deps.catalog.assets_by_symbol.get(asked.asset)
        if asset is None:
            raise from_reject_code(
                RejectCode.ASSET_NOT_FOUND,
                f"There is no asset {asked.asset!r}; GET /api/assets lists them.",
                fields={"asset": "does not exist"},
            )
        amounts = Amounts()
        amount = amounts.units("amount", asked.amount, asset)
        amounts.check()
        return asset, amount


def transfer_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about transfers between own accounts."""
    calls = TransferCalls(deps)
    return [
        Operation(
            "GET",
            "/api/transfers",
            calls.transfers,
            "Transfers between own accounts",
            TAG,
            TransferList,
            Need.READ,
            query=Page,
            statuses=(404,),
        ),
        Operation(
            "POST",
            "/api/transfers",
            calls.transfer,
            "Transfer between own accounts",
            TAG,
            MadeTransfer,
            Need.TRADE,
            body=TransferRequest,
            status=201,
            statuses=(404, 409),
            headers={"Idempotency-Key": KEY_HELP},
            also={200: "The same key again: nothing was moved a second time."},
        ),
    ]


def _act(call: Call, asked: TransferRequest, asset: Asset, amount: int) -> AuditAct:
    return AuditAct(
        act=Act.TRANSFER,
        actor=call.caller.actor,
        object=account_object(asked.from_account_id),
        after={
            "to": account_object(asked.to_account_id),
            "asset": asset.symbol,
            "amount": asset.format(amount),
        },
    )


def _json(view: TransferView, asset: Asset) -> TransferJson:
    return TransferJson(
        sequence=view.sequence,
        from_account_id=view.from_account_id or None,
        to_account_id=view.to_account_id or None,
        asset=asset.symbol,
        amount=asset.format(view.amount),
        time=view.time_ms,
    )
