"""The sandbox's listing fits the engine's rules and can be sent at every start."""

from cse.core.money import MAX_SCALE
from cse.messages.codec import encode_frame
from cse.messages.commands import CreateAsset, CreateMarket, SetFeeTier
from cse.sandbox.venue import BINANCE_MARKET, LOBSTER_MARKET, bootstrap_commands


def listed() -> tuple[dict[int, CreateAsset], list[CreateMarket]]:
    commands = bootstrap_commands()
    assets = {c.asset_id: c for c in commands if isinstance(c, CreateAsset)}
    return assets, [c for c in commands if isinstance(c, CreateMarket)]


def test_every_market_is_against_usdc_and_named_by_its_assets() -> None:
    """Symbols are BASE-QUOTE of assets that were created before."""
    assets, markets = listed()
    for market in markets:
        base, quote = assets[market.base_asset_id], assets[market.quote_asset_id]
        assert market.symbol == f"{base.symbol}-{quote.symbol}"
        assert quote.symbol == "USDC"
    assert {LOBSTER_MARKET, BINANCE_MARKET} <= {market.symbol for market in markets}
    assert len(markets) == 5 + 2


def test_one_lot_at_one_tick_is_a_whole_number_of_quote_units() -> None:
    """Otherwise the engine would refuse the listing, and notionals would not be exact."""
    assets, markets = listed()
    for market in markets:
        base, quote = assets[market.base_asset_id], assets[market.quote_asset_id]
        units, rest = divmod(
            market.tick_size * market.lot_size * 10**quote.scale,
            10 ** (market.price_scale + base.scale),
        )
        assert units >= 1
        assert rest == 0
        assert max(base.scale, quote.scale) <= MAX_SCALE


def test_ids_are_unique_and_stay_what_they_are() -> None:
    """Journals of running sandboxes hold these ids: a change would contradict them."""
    assets, markets = listed()
    assert [(a.asset_id, a.symbol) for a in assets.values()] == [
        (1, "USDC"), (2, "NOVA"), (3, "LUMEN"), (4, "ECHO"),
        (5, "PIXEL"), (6, "ORBIT"), (7, "AAPL"), (8, "ETH"),
    ]  # fmt: skip
    assert [market.market_id for market in markets] == [1, 2, 3, 4, 5, 101, 102]


def test_assets_come_before_their_markets_and_everything_fits_the_codec() -> None:
    """The commands can be journalled as they are, in the order given."""
    commands = bootstrap_commands()
    kinds = [type(command) for command in commands]
    assert kinds == sorted(kinds, key=[CreateAsset, SetFeeTier, CreateMarket].index)
    for command in commands:
        assert encode_frame(command)
