"""A market with a price, and people with something to trade: what tests of the terminal begin with."""

from tests.integration.exchange import Exchange, deposit, place

TRADE = "/trade/NOVA-USDC"
MARKET = "NOVA-USDC"


def stock(exchange: Exchange, *names: str) -> None:
    """Gives people something to trade with."""
    for name in names:
        with exchange.person(name) as person:
            deposit(person, "NOVA", "1000", "nova")
            deposit(person, "USDC", "1000", "usdc")


def quote(exchange: Exchange) -> None:
    """A last price of 1.2500, and the maker's orders around it: 100 NOVA at each of 1.2400 and 1.2600."""
    stock(exchange, "maker", "taker")
    with exchange.person("maker") as maker, exchange.person("taker") as taker:
        place(maker, "sell", "1.2500", "10.00")
        place(taker, "buy", "1.2500", "10.00")
        place(maker, "sell", "1.2600", "100.00")
        place(maker, "buy", "1.2400", "100.00")
