"""GET /api/problems: what every `code` of a problem document means; `type` points here."""

import msgspec

from cse.gateway.http.openapi import problem_codes
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import edge_problem

TAG = "Problems"


class ProblemType(msgspec.Struct, frozen=True):
    """One kind of problem."""

    code: str
    status: int
    meaning: str


class ProblemTypes(msgspec.Struct, frozen=True):
    """Every kind of problem, by code."""

    problems: list[ProblemType]


class ProblemCalls:
    """The list of problems over HTTP."""

    def __init__(self) -> None:
        """Gather the codes once."""
        self._types = {
            code: ProblemType(code, status, meaning)
            for code, (status, meaning) in problem_codes().items()
        }
        self._all = encode(ProblemTypes(list(self._types.values())))

    async def all(self, _call: Call) -> Answer:
        """Return every `code` with its HTTP status and meaning."""
        return Answer(200, self._all)

    async def one(self, call: Call) -> Answer:
        """Return what one `code` means."""
        found = self._types.get(call.path["code"])
        if found is None:
            raise edge_problem("not_found", "There is no such problem code.")
        return Answer(200, encode(found))


def problem_operations() -> list[Operation]:
    """Return the calls about problems."""
    calls = ProblemCalls()
    return [
        Operation("GET", "/api/problems", calls.all, "All problem codes", TAG, ProblemTypes),
        Operation(
            "GET",
            "/api/problems/{code}",
            calls.one,
            "What a problem code means",
            TAG,
            ProblemType,
            statuses=(404,),
            parameters={"code": {"type": "string"}},
        ),
    ]
