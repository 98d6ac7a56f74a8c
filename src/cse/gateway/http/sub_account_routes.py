"""/api/sub-accounts: a person's further accounts, and which of them there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.concerns import served
from cse.gateway.cursors import SUB_ACCOUNTS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, from_reject_code, invalid
from cse.gateway.requests import decode
from cse.gateway.schemas import Id, TimeMs
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus
from cse.projections.live import LiveAccounts
from cse.users.errors import AccountNotOpen, InvalidField, UnknownUser
from cse.users.sub_accounts.errors import LabelTaken, StatusRefused, TooManySubAccounts
from cse.users.sub_accounts.model import MAX_LABEL_LENGTH, SubAccount
from cse.users.sub_accounts.service import Owner, SubAccounts

TAG: Final = "Account"
SUB_ACCOUNT_CODES: Final[dict[str, tuple[int, str]]] = {
    "label_taken": (409, "Another of your sub-accounts has this label."),
    "too_many_sub_accounts": (
        409,
        "There are as many sub-accounts as one may have or make; close one.",
    ),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""

Label = Annotated[str, Meta(min_length=1, max_length=MAX_LABEL_LENGTH, examples=["hedging"])]
_ID: Final = {"account_id": {"type": "integer", "minimum": 1}}


class LabelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sub-account is to be called."""

    label: Label


class SubAccountJson(msgspec.Struct, frozen=True):
    """An account of yours besides your first one."""

    account_id: Id
    label: str
    status: Literal["opening", "open", "frozen", "closed"]
    """opening: the exchange has not confirmed it yet, and its id is not certain; ask again."""
    created_at: TimeMs


class SubAccountAnswer(msgspec.Struct, frozen=True):
    """One sub-account."""

    sub_account: SubAccountJson


class SubAccountList(msgspec.Struct, frozen=True):
    """A page of own sub-accounts, oldest first; closed ones are among them."""

    sub_accounts: list[SubAccountJson]
    next_cursor: str | None


class SubAccountCalls:
    """Own sub-accounts over HTTP. Only a person's log-in opens these calls, never an API key."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the service; standings come from the live view."""
        self._deps = deps

    async def create(self, call: Call) -> Answer:
        """Make a sub-account: own balances, orders, keys and rate limits, the fee tier of your first account.

        No two that are not closed have the same label: sending the same again after an answer that was lost makes no
        second one (409 `label_taken`; GET /api/sub-accounts shows it).
        """
        asked = decode(LabelRequest, call.body)
        owner = Owner(call.caller.user_id, call.caller.main_account_id)
        with _refusals():
            made = await self._service.create(owner, asked.label)
        return Answer(201, self._answer(made))

    async def sub_accounts(self, call: Call) -> Answer:
        """Return own sub-accounts, oldest first, with their status."""
        wanted: Page = call.query(Page)
        after = read_cursor(SUB_ACCOUNTS, wanted.cursor)
        found = await self._service.page(
            call.caller.user_id, after=after[0] if after else 0, limit=wanted.limit + 1
        )
        page = found[: wanted.limit]
        cursor = write_cursor(SUB_ACCOUNTS, page[-1].number) if len(found) > wanted.limit else None
        told = [sub_account_json(each, self._deps.live) for each in page]
        return Answer(200, encode(SubAccountList(told, cursor)))

    async def rename(self, call: Call) -> Answer:
        """Give a sub-account another label."""
        asked = decode(LabelRequest, call.body)
        with _refusals():
            renamed = await self._service.rename(
                call.caller.user_id, _account_id(call), asked.label
            )
        return Answer(200, self._answer(renamed))

    async def close(self, call: Call) -> Answer:
        """Close a sub-account for good. It must be empty: transfer its money and cancel its orders first.

        Closing it again answers the same.
        """
        with _refusals():
            closed = await self._service.close(call.caller.user_id, _account_id(call))
        return Answer(200, self._answer(closed))

    @property
    def _service(self) -> SubAccounts:
        return served(self._deps.concerns.sub_accounts)

    def _answer(self, found: SubAccount | None) -> bytes:
        if found is None:
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        return encode(SubAccountAnswer(sub_account_json(found, self._deps.live)))


def sub_account_json(found: SubAccount, live: LiveAccounts) -> SubAccountJson:
    """Return a sub-account as the API tells it."""
    return SubAccountJson(
        account_id=found.account_id,
        label=found.label,
        status=_status(found, live),
        created_at=found.created_at,
    )


def sub_account_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about own sub-accounts."""
    calls, read = SubAccountCalls(deps), Need.READ
    one = "/api/sub-accounts/{account_id}"
    return [
        Operation(
            "GET",
            "/api/sub-accounts",
            calls.sub_accounts,
            "Own sub-accounts",
            TAG,
            SubAccountList,
            read,
            query=Page,
            statuses=(404,),
        ),
        Operation(
            "POST",
            "/api/sub-accounts",
            calls.create,
            "Make a sub-account",
            TAG,
            SubAccountAnswer,
            read,
            body=LabelRequest,
            status=201,
            statuses=(404, 409),
        ),
        Operation(
            "PATCH",
            one,
            calls.rename,
            "Rename a sub-account",
            TAG,
            SubAccountAnswer,
            read,
            body=LabelRequest,
            statuses=(404, 409),
            parameters=_ID,
        ),
        Operation(
            "POST",
            one + "/close",
            calls.close,
            "Close an empty sub-account",
            TAG,
            SubAccountAnswer,
            read,
            statuses=(404, 409),
            parameters=_ID,
        ),
    ]


def _status(
    found: SubAccount, live: LiveAccounts
) -> Literal["opening", "open", "frozen", "closed"]:
    view = None if found.opened_at is None else live.account(found.account_id)
    if view is None:
        return "closed" if found.closed_at is not None else "opening"
    if view.status is AccountStatus.OPEN:
        return "open"
    return "frozen" if view.status is AccountStatus.FROZEN else "closed"


def _account_id(call: Call) -> int:
    account_id = parse_id(call.path["account_id"])
    if account_id is None:
        raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
    return account_id


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell the service's refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except InvalidField as error:
        raise invalid({error.field: error.reason}) from error
    except LabelTaken as error:
        raise ApiProblem(409, "label_taken", str(error)) from error
    except TooManySubAccounts as error:
        raise ApiProblem(409, "too_many_sub_accounts", str(error)) from error
    except StatusRefused as error:
        raise from_reject_code(error.code) from error
    except AccountNotOpen as error:
        raise from_reject_code(RejectCode[error.code.upper()]) from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error
