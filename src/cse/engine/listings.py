"""Assets, fee tiers, markets and accounts: listed, changed, frozen, closed."""

import msgspec

from cse.core.ids import FEE_ACCOUNT, MAX_ID
from cse.core.money import MAX_AMOUNT, MAX_SCALE
from cse.engine.book import OrderBook
from cse.engine.lifecycle import close
from cse.engine.limits import MAX_BAND_PPM, MAX_FEE_PPM, MAX_PRICE_SCALE
from cse.engine.model import Account, Asset, FeeTier, Market
from cse.engine.state import State, refuse
from cse.engine.triggers import TriggerBook
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, CloseReason, MarketStatus

Refused = e.Rejected | None


def create_asset(state: State, command: c.CreateAsset) -> Refused:
    """List an asset."""
    if command.asset_id in state.assets or any(
        a.symbol == command.symbol for a in state.assets.values()
    ):
        return refuse(RejectCode.ASSET_EXISTS)
    if not command.asset_id or not command.symbol or command.scale > MAX_SCALE:
        return refuse(RejectCode.INVALID_LISTING)
    state.assets[command.asset_id] = Asset(command.asset_id, command.symbol, command.scale)
    state.events.append(e.AssetCreated(command.asset_id, command.symbol, command.scale))
    return None


def set_fee_tier(state: State, command: c.SetFeeTier) -> Refused:
    """Make or change a fee tier."""
    if max(command.maker_ppm, command.taker_ppm) > MAX_FEE_PPM:
        return refuse(RejectCode.FEE_TOO_HIGH)
    tier = state.fee_tiers.setdefault(command.tier, FeeTier(command.tier, 0, 0))
    tier.maker_ppm, tier.taker_ppm = command.maker_ppm, command.taker_ppm
    state.events.append(e.FeeTierSet(command.tier, command.maker_ppm, command.taker_ppm))
    return None


def unit_notional(command: c.CreateMarket, base: Asset, quote: Asset) -> int:
    """Return what one lot costs at one tick in quote units; 0 if that is no whole number."""
    whole, rest = divmod(
        command.tick_size * 10**quote.scale * command.lot_size,
        10 ** (command.price_scale + base.scale),
    )
    return 0 if rest else whole


def _limits_fit(command: c.CreateMarket | c.UpdateMarket) -> bool:
    return (
        0 < command.min_quantity <= command.max_quantity <= MAX_AMOUNT
        and command.min_notional <= MAX_AMOUNT
        and 0 < command.band_ppm <= MAX_BAND_PPM
        and command.max_open_orders > 0
    )


def create_market(state: State, command: c.CreateMarket) -> Refused:
    """List a market, if its sizes keep every notional a whole number of quote units."""
    if command.market_id in state.markets or any(
        m.symbol == command.symbol for m in state.markets.values()
    ):
        return refuse(RejectCode.MARKET_EXISTS, market_id=command.market_id)
    base, quote = state.assets.get(command.base_asset_id), state.assets.get(command.quote_asset_id)
    if base is None or quote is None:
        return refuse(RejectCode.ASSET_NOT_FOUND, market_id=command.market_id)
    fits = (
        command.market_id > 0
        and command.symbol != ""
        and base is not quote
        and command.price_scale <= MAX_PRICE_SCALE
        and 0 < command.tick_size <= MAX_AMOUNT
        and 0 < command.lot_size <= MAX_AMOUNT
        and 0 < command.reference_price <= MAX_AMOUNT
        and 0 < unit_notional(command, base, quote) <= MAX_AMOUNT
        and _limits_fit(command)
    )
    if not fits:
        return refuse(RejectCode.INVALID_LISTING, market_id=command.market_id)
    state.markets[command.market_id] = _market(state, command, base, quote)
    state.events.append(
        e.MarketCreated(
            **msgspec.structs.asdict(command), unit_notional=unit_notional(command, base, quote)
        )
    )
    return None


def _market(state: State, command: c.CreateMarket, base: Asset, quote: Asset) -> Market:
    fees = state.accounts[FEE_ACCOUNT]
    market = Market(
        command.market_id,
        command.symbol,
        base,
        quote,
        command.price_scale,
        command.tick_size,
        command.lot_size,
        command.min_quantity,
        command.max_quantity,
        command.min_notional,
        command.band_ppm,
        command.reference_price,
        command.max_open_orders,
        command.status,
        unit_notional(command, base, quote),
        fees.balance(base.asset_id),
        fees.balance(quote.asset_id),
        OrderBook(),
        TriggerBook(),
    )
    market.set_band()
    return market


def update_market(state: State, command: c.UpdateMarket) -> Refused:
    """Change a market's limits; orders that are in already stay."""
    market = state.markets.get(command.market_id)
    if market is None:
        return refuse(RejectCode.MARKET_NOT_FOUND, market_id=command.market_id)
    if not _limits_fit(command):
        return refuse(RejectCode.INVALID_LISTING, market_id=command.market_id)
    market.min_quantity, market.max_quantity = command.min_quantity, command.max_quantity
    market.min_notional, market.band_ppm = command.min_notional, command.band_ppm
    market.max_open_orders = command.max_open_orders
    market.set_band()
    state.events.append(e.MarketUpdated(**msgspec.structs.asdict(command)))
    return None


def set_market_status(state: State, command: c.SetMarketStatus) -> Refused:
    """Open, halt or restrict a market, or close it for good and cancel its orders, oldest first."""
    market = state.markets.get(command.market_id)
    if market is None:
        return refuse(RejectCode.MARKET_NOT_FOUND, market_id=command.market_id)
    if market.status == MarketStatus.CLOSED:
        return refuse(RejectCode.MARKET_CLOSED, market_id=command.market_id)
    market.status = command.status
    state.events.append(e.MarketStatusChanged(command.market_id, command.status))
    if command.status == MarketStatus.CLOSED:
        for order_id in sorted(o.order_id for o in state.orders.values() if o.market is market):
            close(state, state.orders[order_id], CloseReason.MARKET_CLOSED)
    return None


def open_account(state: State, command: c.OpenAccount) -> Refused:
    """Open an account under the sender's id."""
    if command.account_id in state.accounts:
        return refuse(RejectCode.ACCOUNT_EXISTS, account_id=command.account_id)
    tier = state.fee_tiers.get(command.fee_tier)
    if tier is None:
        return refuse(RejectCode.FEE_TIER_NOT_FOUND, account_id=command.account_id)
    if not 0 < command.account_id <= MAX_ID:
        return refuse(RejectCode.INVALID_LISTING)
    state.accounts[command.account_id] = Account(command.account_id, tier)
    state.events.append(e.AccountOpened(command.account_id, command.fee_tier))
    return None


def set_account_status(state: State, command: c.SetAccountStatus) -> Refused:
    """Freeze, unfreeze or close an account; a closed one stays closed."""
    account = state.accounts.get(command.account_id)
    if account is None or account.account_id == FEE_ACCOUNT:
        return refuse(RejectCode.ACCOUNT_NOT_FOUND, account_id=command.account_id)
    if account.status == AccountStatus.CLOSED:
        return refuse(RejectCode.ACCOUNT_CLOSED, account_id=command.account_id)
    if command.status == AccountStatus.CLOSED:
        if account.orders or any(b.available or b.held for b in account.balances.values()):
            return refuse(RejectCode.ACCOUNT_NOT_EMPTY, account_id=command.account_id)
        state.set_cancel_after(account, 0)
    account.status = command.status
    state.events.append(e.AccountStatusChanged(command.account_id, command.status))
    return None


def set_account_fee_tier(state: State, command: c.SetAccountFeeTier) -> Refused:
    """Move an account to another fee tier."""
    account, tier = state.accounts.get(command.account_id), state.fee_tiers.get(command.fee_tier)
    if account is None:
        return refuse(RejectCode.ACCOUNT_NOT_FOUND, account_id=command.account_id)
    if tier is None:
        return refuse(RejectCode.FEE_TIER_NOT_FOUND, account_id=command.account_id)
    account.fee_tier = tier
    state.events.append(e.AccountFeeTierChanged(command.account_id, command.fee_tier))
    return None
