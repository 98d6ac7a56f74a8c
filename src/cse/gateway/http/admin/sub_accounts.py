"""Staff sees which sub-accounts a person has."""

from cse.gateway.concerns import served
from cse.gateway.cursors import SUB_ACCOUNTS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, USER
from cse.gateway.http.admin.people import person_of
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.sub_account_routes import SubAccountList, sub_account_json
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.users.authority import Permission


class StaffSubAccountCalls:
    """Sub-accounts over HTTP, for staff."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read them in SQL, and their standings from the live view."""
        self._deps = deps

    async def sub_accounts_of(self, call: Call) -> Answer:
        """Return a person's sub-accounts, oldest first. Freezing a first account freezes all of them, too."""
        person = await person_of(self._deps, call)
        wanted: Page = call.query(Page)
        after = read_cursor(SUB_ACCOUNTS, wanted.cursor)
        found = await served(self._deps.concerns.sub_accounts).page(
            person.user_id, after=after[0] if after else 0, limit=wanted.limit + 1
        )
        page = found[: wanted.limit]
        cursor = write_cursor(SUB_ACCOUNTS, page[-1].number) if len(found) > wanted.limit else None
        told = [sub_account_json(each, self._deps.live) for each in page]
        return Answer(200, encode(SubAccountList(told, cursor)))


def staff_sub_account_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call about sub-accounts."""
    return [
        Operation(
            "GET",
            "/api/admin/users/{user_id}/sub-accounts",
            StaffSubAccountCalls(deps).sub_accounts_of,
            "A person's sub-accounts",
            TAG,
            SubAccountList,
            Need.READ,
            query=Page,
            statuses=(404,),
            parameters=USER,
            permission=Permission.PEOPLE_READ,
        )
    ]
