"""A recording's integers into a market's decimals and back, exactly or not at all."""

import msgspec

from cse.core.money import format_units, parse_units
from cse.sandbox.replay.steps import Recording, ReplayError


class Decimals(msgspec.Struct, frozen=True):
    """One kind of number: how many decimals it has in the recording and in the market."""

    what: str
    recorded: int
    market: int

    def to_text(self, units: int) -> str:
        """Print recorded units as the market does.

        Raises:
            ReplayError: the market has no such fine steps.
        """
        if self.market >= self.recorded:
            return format_units(units * 10 ** (self.market - self.recorded), self.market)
        whole, rest = divmod(units, 10 ** (self.recorded - self.market))
        if rest:
            shown = format_units(units, self.recorded)
            raise ReplayError(
                f"{self.what} {shown} is finer than the market's {self.market} decimals"
            )
        return format_units(whole, self.market)

    def to_units(self, text: str) -> int:
        """Return the market's decimals as recorded units (finer ones than recorded would be a bug)."""
        units = parse_units(text, self.market)
        if self.market <= self.recorded:
            return int(units * 10 ** (self.recorded - self.market))
        whole, rest = divmod(units, 10 ** (self.market - self.recorded))
        assert not rest, f"{self.what} {text} cannot come from this recording"
        return int(whole)


class Scales(msgspec.Struct, frozen=True):
    """Prices and quantities of one recording in one market."""

    price: Decimals
    quantity: Decimals

    @classmethod
    def of(
        cls, recording: Recording, market_price_decimals: int, market_quantity_decimals: int
    ) -> "Scales":
        """Match a recording with a market."""
        return cls(
            Decimals("price", recording.price_scale, market_price_decimals),
            Decimals("quantity", recording.quantity_scale, market_quantity_decimals),
        )
