"""A market as a bot counts in it: prices in ticks, quantities in lots."""

from typing import Any

import msgspec

from cse.core.money import format_units, parse_units


class Instrument(msgspec.Struct, frozen=True):
    """What a bot needs to know of a market."""

    market: str
    base: str
    quote: str
    price_decimals: int
    tick: int
    """One tick in units of the last price decimal."""
    quantity_decimals: int
    lot: int
    min_lots: int
    min_notional: int
    """In units of 10^-(price_decimals + quantity_decimals) quote."""
    listed_at: int
    """Ticks: what the sandbox listed it at; does not move."""
    found_at: int
    """Ticks: the last price (else the listing's) when the bots came."""

    @classmethod
    def read(cls, info: dict[str, Any], listed_at: int) -> "Instrument":
        """Read an item of GET /api/markets."""
        price_decimals, quantity_decimals = info["price_decimals"], info["quantity_decimals"]
        tick = parse_units(info["tick_size"], price_decimals)
        lot = parse_units(info["lot_size"], quantity_decimals)
        scale = price_decimals + quantity_decimals
        whole, _, fraction = info["min_notional"].partition(".")
        notional = int(whole) * 10**scale + int(fraction.ljust(scale, "0")[:scale] or "0")
        return cls(
            market=info["market"],
            base=info["base"],
            quote=info["quote"],
            price_decimals=price_decimals,
            tick=tick,
            quantity_decimals=quantity_decimals,
            lot=lot,
            min_lots=-(-parse_units(info["min_quantity"], quantity_decimals) // lot),
            min_notional=notional,
            listed_at=listed_at,
            found_at=parse_units(info["reference_price"], price_decimals) // tick,
        )

    def price(self, ticks: int) -> str:
        """Print a price."""
        return format_units(ticks * self.tick, self.price_decimals)

    def quantity(self, lots: int) -> str:
        """Print a quantity."""
        return format_units(lots * self.lot, self.quantity_decimals)

    def ticks(self, price: str) -> int:
        """Read a price that the exchange printed."""
        return parse_units(price, self.price_decimals) // self.tick

    def lots(self, quantity: str) -> int:
        """Read a quantity that the exchange printed."""
        return parse_units(quantity, self.quantity_decimals) // self.lot

    def lots_worth(self, quote: int, ticks: int) -> int:
        """Return how many lots whole `quote` (USDC and the like) buy at a price; at least twice the least notional,
        so that a somewhat lower price does not fall below it.
        """
        one = ticks * self.tick * self.lot
        wanted = quote * 10 ** (self.price_decimals + self.quantity_decimals) // one
        least = max(self.min_lots, -(-2 * self.min_notional // one))
        return int(max(wanted, least))
