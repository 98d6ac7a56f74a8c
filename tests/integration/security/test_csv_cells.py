"""CSV formula cells: no cell of an audit export, over the API or from the shell, is run by a spreadsheet."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from cse.core.csv_cells import FORMULA_STARTS
from cse.entrypoints.audit import _csv
from cse.users.audit import Act, AuditAct
from cse.users.audit_log import AuditRecord, Head, next_record
from cse.users.authority import Role
from tests.integration.http_exchange import good, http_exchange
from tests.integration.users.staff import staff

FORMULAS = [
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    '=1,"two"',
    "=1\n=2",
]


def cells(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file as a spreadsheet reads them."""
    return list(csv.DictReader(StringIO(text, newline="")))


def dangerous(rows: list[dict[str, str]]) -> list[str]:
    return [cell for row in rows for cell in row.values() if cell.startswith(FORMULA_STARTS)]


@pytest.mark.parametrize("formula", FORMULAS)
async def test_formulas_in_every_text_of_a_record_are_text_in_the_export(
    tmp_path: Path, formula: str
) -> None:
    """Actor, object, reason and address, as if a bug had let one in: an apostrophe stands before each."""
    async with http_exchange(tmp_path) as exchange:
        ann = await staff(exchange, "ann", Role.RISK)
        planted = AuditAct(
            act=Act.LOG_IN, actor=formula, object=formula, reason=formula, ip=formula[:64]
        )
        await exchange.deps.authority.trail.record(planted)
        answer = await ann.get("/api/admin/audit/export.csv")
        assert answer.status_code == 200
        rows = cells(answer.text)
        (row,) = [each for each in rows if each["actor"].endswith(formula)]
        assert [row[name] for name in ("actor", "object", "reason", "ip")] == 4 * [f"'{formula}"]
        assert dangerous(rows) == []


async def test_formulas_that_people_choose_reach_no_cell(tmp_path: Path) -> None:
    """Names of keys and devices, and reasons: what people can write into the log, and what they cannot."""
    async with http_exchange(tmp_path) as exchange:
        ann = await staff(exchange, "ann", Role.RISK)
        eve = await exchange.person("eve")
        for formula in FORMULAS[:4]:
            key = {"name": formula, "kind": "hmac-sha256", "scopes": ["read"]}
            good(await eve.post("/api/keys", json=key), 201)
            halt = {"mode": "halt", "reason": formula}
            assert (await ann.post("/api/admin/kill-switch", json=halt)).status_code == 400
        await eve.post("/api/auth/logout", headers={"user-agent": FORMULAS[0]})
        rows = cells((await ann.get("/api/admin/audit/export.csv")).text)
        assert len(rows) > 6
        assert dangerous(rows) == []


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_shells_export_neutralises_them_too(formula: str) -> None:
    """`cse audit export` writes the same cells."""
    file = BytesIO()
    record: AuditRecord = next_record(
        Head(), AuditAct(act=Act.LOG_IN, actor=formula, object="session:1", reason=formula), 1
    )
    _csv(file)([record])
    (row,) = cells(file.getvalue().decode())
    assert (row["actor"], row["reason"]) == (f"'{formula}", f"'{formula}")
    assert dangerous([row]) == []
