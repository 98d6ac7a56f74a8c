"""CSV downloads are bounded in number, however their readers leave, and no cell of them is a formula."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from cse.core.csv_cells import FORMULA_STARTS
from cse.gateway.http.operations import Call
from cse.gateway.http.own_csv_routes import AT_ONCE, OwnCsvCalls
from cse.gateway.http.portfolio_routes import PortfolioCalls
from cse.gateway.order_entry import Answer
from cse.gateway.portfolio.csv_lines import cell, iso_utc, line
from cse.gateway.problems import ApiProblem
from tests.unit.gateway.world import ANN, BOB, World


@pytest.fixture
def calls() -> OwnCsvCalls:
    deps = World().deps
    deps.concerns.portfolio = cast("Any", SimpleNamespace())
    return OwnCsvCalls(deps, PortfolioCalls(deps))


async def ask(calls: OwnCsvCalls, account_id: int) -> Answer:
    caller = SimpleNamespace(account_id=account_id, query=lambda kind: kind())
    return await calls.fills(cast("Call", caller))


async def read(answer: Answer) -> bytes:
    assert answer.rest is not None
    return answer.body + b"".join([piece async for piece in answer.rest])


async def test_one_file_an_account(calls: OwnCsvCalls) -> None:
    """While one is sent, or was begun, the next is refused; who reads it to its end, or leaves, makes place."""
    first = await ask(calls, ANN)
    with pytest.raises(ApiProblem) as told:
        await ask(calls, ANN)
    assert (told.value.status, told.value.code) == (409, "export_runs")
    await ask(calls, BOB)
    assert (await read(first)).startswith(b"trade_id,")
    del first, told
    left = await ask(calls, ANN)
    assert left.rest is not None
    await anext(left.rest)
    del left  # as when the connection breaks
    await ask(calls, ANN)


async def test_so_many_files_at_once(calls: OwnCsvCalls) -> None:
    """All accounts together have as many as the limit says; the next is told when to come back."""
    sending = [await ask(calls, number) for number in range(1, AT_ONCE + 1)]
    with pytest.raises(ApiProblem) as told:
        await ask(calls, 99)
    assert (told.value.status, told.value.code) == (429, "rate_limited")
    assert told.value.headers["Retry-After"] == "5"
    del sending[0], told
    await ask(calls, 99)


def test_cells() -> None:
    """Numbers stay numbers, text is defused and quoted, times are ISO 8601."""
    assert [cell(value) for value in (None, True, -5, "-5.20", "a,b")] == [
        "",
        "true",
        "-5",
        "-5.20",
        '"a,b"',
    ]
    assert all(cell(f"{start}1+1").lstrip('"').startswith("'") for start in FORMULA_STARTS)
    assert iso_utc(1_795_390_000_007) == "2026-11-22T23:26:40.007Z"
    assert line(["a", 1]) == "a,1\r\n"
