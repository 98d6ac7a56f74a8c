"""What other programs (messengers, social networks, search engines) show of a link to the web app.

They run no script, so the server writes it into the page's head.
"""

from html import escape
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog

_SITE: Final = "CS Exchange"
_TRADE: Final = "/trade/"


class Preview(NamedTuple):
    """A page in two lines, as plain text."""

    title: str
    description: str


_HOME: Final = Preview(
    _SITE, "An exchange for creators' tokens: live order books, exact numbers, nothing lost."
)


class LinkPreviews:
    """Knows the markets of now."""

    def __init__(self, catalog: Catalog, market_data: MarketDataHub, clock: Clock) -> None:
        """Read names and prices here."""
        self._catalog = catalog
        self._market_data = market_data
        self._clock = clock

    def of(self, path: str) -> Preview:
        """Return the preview of an address: of its market, or else of the whole exchange."""
        if not path.startswith(_TRADE):
            return _HOME
        market = self._catalog.markets_by_symbol.get(path.removeprefix(_TRADE))
        if market is None:
            return _HOME
        pair = f"{market.base.symbol}/{market.quote.symbol}"
        last = self._market_data.ticker(market.market_id).view(self._clock.now_ms()).last
        told = f"Last price {market.format_price(last)} {market.quote.symbol}. " if last else ""
        return Preview(
            f"{pair} · {_SITE}",
            f"{told}Trade {market.base.symbol} for {market.quote.symbol}: live book, chart and trades.",
        )


def preview_tags(preview: Preview) -> bytes:
    """Return the title, the description and Open Graph's tags of them (https://ogp.me), as HTML."""
    title, description = escape(preview.title), escape(preview.description)
    tags = (
        f"<title>{title}</title>",
        f'<meta name="description" content="{description}" />',
        f'<meta property="og:site_name" content="{_SITE}" />',
        '<meta property="og:type" content="website" />',
        f'<meta property="og:title" content="{title}" />',
        f'<meta property="og:description" content="{description}" />',
        '<meta name="twitter:card" content="summary" />',
    )
    return "\n    ".join(tags).encode("utf-8")
