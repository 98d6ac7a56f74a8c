"""The naive model's whole state as records in canonical order, to lay beside the engine's."""

from collections.abc import Iterator

from cse.messages import records as r
from cse.messages.wire import Record
from tests.unit.engine.model_state import World


def records(world: World) -> Iterator[Record]:
    """Yield everything that the model knows, as messages/records.py orders it."""
    yield r.StateRecord(world.sequence, world.now, world.orders_made + 1, world.places_given + 1)
    for asset_id, asset in sorted(world.assets.items()):
        yield r.AssetRecord(asset_id, asset.symbol, asset.scale, asset.custody)
    for tier, (maker_ppm, taker_ppm) in sorted(world.tiers.items()):
        yield r.FeeTierRecord(tier, maker_ppm, taker_ppm)
    yield from _markets(world)
    for _, account in sorted(world.accounts.items()):
        yield r.AccountRecord(account.id, account.status, account.tier, account.cancel_after)
    for (account_id, asset_id), total in sorted(world.money.items()):
        if total:
            held = world.held(account_id, asset_id)
            yield r.BalanceRecord(account_id, asset_id, total - held, held)
    yield from _orders(world)
    for position, order_id in enumerate(world.queue):
        yield r.TriggerQueueRecord(position, order_id)
    for account_id, known in sorted(world.client_ids.items()):
        for position, (client_id, order_id, fingerprint) in enumerate(known):
            yield r.ClientIdRecord(account_id, position, order_id, fingerprint, client_id)
    for key, entry in sorted(world.keys.items()):
        yield r.MoneyKeyRecord(
            key,
            entry.type_number,
            entry.account,
            entry.to_account,
            entry.asset,
            entry.amount,
            entry.status,
        )


def _markets(world: World) -> Iterator[r.MarketRecord]:
    for _, market in sorted(world.markets.items()):
        yield r.MarketRecord(
            market.id,
            market.symbol,
            market.base,
            market.quote,
            market.price_scale,
            market.tick_size,
            market.lot_size,
            market.min_quantity,
            market.max_quantity,
            market.min_notional,
            market.band_ppm,
            market.reference,
            market.max_open_orders,
            market.status,
            market.unit,
            market.last_price,
            market.last_trade_id,
        )


def _orders(world: World) -> Iterator[r.OrderRecord]:
    for o in sorted(world.orders, key=lambda o: o.id):
        yield r.OrderRecord(
            order_id=o.id,
            account_id=o.account,
            market_id=o.market.id,
            side=o.side,
            type=o.type,
            time_in_force=o.tif,
            stp=o.stp,
            post_only=o.post_only,
            resting=o.place > 0,
            price=o.price,
            trigger_price=o.trigger,
            quantity=o.quantity,
            filled_quantity=o.filled,
            quote_quantity=o.budget,
            quote_filled=o.quote_filled,
            held=o.held,
            expires_at=o.expires_at,
            priority=o.place,
            created_at=o.created_at,
            updated_at=o.updated_at,
            client_order_id=o.client_id,
        )
