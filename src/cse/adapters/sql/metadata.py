"""The one MetaData that all tables of the exchange belong to, and the column types they share."""

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Constraints have the same names in both databases, so that a migration can name what it changes."""

BigId: Final = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. SQLite stores only an INTEGER primary key as the row id itself."""
