"""The parts that the calls about portfolios share, put together once per application."""

from typing import Final

from cse.gateway.deps import GatewayDeps
from cse.gateway.market_history import MarketHistory
from cse.gateway.portfolio.growth import Growth
from cse.gateway.portfolio.happenings import Happenings
from cse.gateway.portfolio.keeping import WAIT_S, Bounds, Portfolios
from cse.gateway.portfolio.pricing import LivePrices, PastPrices, Venues
from cse.gateway.portfolio.statements import Statements
from cse.gateway.portfolio.telling import Teller
from cse.portfolio.ports import PortfolioReader


class PortfolioParts:
    """Everything that is served about portfolios."""

    def __init__(
        self, deps: GatewayDeps, reader: PortfolioReader, bounds: Bounds | None = None
    ) -> None:
        """Read history by `reader`, keep within `bounds`; who waits longer for history waits so for portfolios."""
        wait_s = max(WAIT_S, deps.options.history_wait_ms / 1_000)
        bounds = bounds or Bounds(wait_s=wait_s)
        candles = MarketHistory(deps.market_data, deps.history, deps.gate)
        live = LivePrices(deps.market_data, deps.catalog, deps.clock)
        past = PastPrices(reader, candles)
        self.reader: Final = reader
        self.venues: Final = Venues(deps.catalog)
        self.happenings: Final = Happenings(deps.history, reader, past, deps.catalog)
        self.portfolios: Final = Portfolios(deps, self.happenings, bounds)
        self.teller: Final = Teller(deps.catalog, live)
        self.growth: Final = Growth(deps.catalog, live, past)
        self.statements: Final = Statements(reader, deps.catalog)
