"""Proves that docs/reference/database.md names tables of projections, API keys and authority, and reasons."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Table

from cse.adapters.sql import factor_tables, linked_tables, profile_tables, tables
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import api_keys, audit_log, user_roles
from cse.projections.ledger import Bucket, Reason

PAGE = (Path(__file__).parents[4] / "docs/reference/database.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(\w+)`", PAGE)) | set(
    re.findall(r"(\w+)", " ".join(re.findall(r"^## .*$", PAGE, re.MULTILINE)))
)
ALL = [table for table in vars(tables).values() if isinstance(table, Table)]
ALL += [table for table in vars(factor_tables).values() if isinstance(table, Table)]
ALL += [table for table in vars(linked_tables).values() if isinstance(table, Table)]
ALL += [table for table in vars(profile_tables).values() if isinstance(table, Table)]
ALL += [api_keys, audit_log, sub_accounts, user_roles]


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_the_page_names_a_table_with_its_columns_and_indexes(table: Table) -> None:
    """A column that is added without a word here is found."""
    names = {table.name, *(c.name for c in table.columns), *(str(i.name) for i in table.indexes)}
    assert names - NAMED == set()


def test_the_page_explains_the_numbers() -> None:
    """Reasons and buckets stand there with the numbers that the tables hold."""
    for reason in Reason:
        assert f"| {int(reason)} | `{reason.name.lower()}` |" in PAGE
    for bucket in Bucket:
        assert f"{int(bucket)} {bucket.name.lower()}" in PAGE
