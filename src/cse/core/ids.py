"""Identifiers: plain integers with names, all below 2^53 so that any JSON client can hold them."""

from typing import Final, NewType

AccountId = NewType("AccountId", int)
AssetId = NewType("AssetId", int)
MarketId = NewType("MarketId", int)
OrderId = NewType("OrderId", int)

MAX_ID: Final = 2**53 - 1
"""The largest integer that JavaScript's numbers hold exactly."""

FEE_ACCOUNT: Final = 1
"""The venue's own account: every trading fee is credited here. It exists from the first state on."""

FIRST_USER_ACCOUNT: Final = 1_000
"""Accounts below this number belong to the house."""
