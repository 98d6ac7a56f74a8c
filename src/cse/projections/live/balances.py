"""Who has how much of what: the movements that events tell of, added up. Amounts in asset units."""

from typing import Final

import msgspec

from cse.core.ids import FEE_ACCOUNT
from cse.messages import events as e
from cse.messages.wire import Side
from cse.projections.views import BalanceView


class _Balance(msgspec.Struct, gc=False):
    available: int = 0
    held: int = 0


class LiveBalances:
    """Available and held per account and asset; each method is one kind of movement."""

    def __init__(self) -> None:
        """Begin with nobody having anything."""
        self._accounts: Final[dict[int, dict[int, _Balance]]] = {}

    def of(self, account_id: int) -> dict[int, BalanceView]:
        """Return an account's balances by asset id; assets of which it has nothing are left out."""
        return {
            asset_id: BalanceView(account_id, asset_id, balance.available, balance.held)
            for asset_id, balance in self._accounts.get(account_id, {}).items()
            if balance.available or balance.held
        }

    def one(self, account_id: int, asset_id: int) -> BalanceView:
        """Return what an account has of one asset, which may be nothing."""
        balance = self._accounts.get(account_id, {}).get(asset_id) or _Balance()
        return BalanceView(account_id, asset_id, balance.available, balance.held)

    def total(self, asset_id: int) -> int:
        """Return what all accounts have of an asset together, held money included."""
        return sum(
            balance.available + balance.held
            for assets in self._accounts.values()
            if (balance := assets.get(asset_id)) is not None
        )

    def put(self, account_id: int, asset_id: int, available: int, held: int) -> None:
        """Set a balance, as a record gives it."""
        balance = self._entry(account_id, asset_id)
        balance.available, balance.held = available, held

    def credit(self, account_id: int, asset_id: int, amount: int) -> None:
        """Add to what is available (negative: take from it)."""
        self._entry(account_id, asset_id).available += amount

    def hold(self, account_id: int, asset_id: int, amount: int) -> None:
        """Move from available to held (negative: back)."""
        balance = self._entry(account_id, asset_id)
        balance.available -= amount
        balance.held += amount

    def settle(self, account_id: int, asset_id: int, amount: int) -> None:
        """Take from held what leaves for good."""
        self._entry(account_id, asset_id).held -= amount

    def trade(self, trade: e.Trade, base_id: int, quote_id: int) -> None:
        """Exchange base for quote between the two parties, each paying its fee from what it receives."""
        if trade.taker_side is Side.BUY:
            buyer, buyer_fee = trade.taker_account_id, trade.taker_fee
            seller, seller_fee = trade.maker_account_id, trade.maker_fee
        else:
            buyer, buyer_fee = trade.maker_account_id, trade.maker_fee
            seller, seller_fee = trade.taker_account_id, trade.taker_fee
        paid = self._entry(buyer, quote_id)
        paid.held -= trade.quote_amount + trade.buyer_released
        paid.available += trade.buyer_released
        self._entry(buyer, base_id).available += trade.base_amount - buyer_fee
        self._entry(seller, base_id).held -= trade.base_amount
        self._entry(seller, quote_id).available += trade.quote_amount - seller_fee
        self._entry(FEE_ACCOUNT, base_id).available += buyer_fee
        self._entry(FEE_ACCOUNT, quote_id).available += seller_fee

    def _entry(self, account_id: int, asset_id: int) -> _Balance:
        try:
            return self._accounts[account_id][asset_id]
        except KeyError:
            balance = self._accounts.setdefault(account_id, {})[asset_id] = _Balance()
            return balance
