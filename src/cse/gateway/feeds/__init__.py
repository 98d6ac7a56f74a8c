"""Public feeds in other people's formats: what CoinGecko and CoinMarketCap ask exchanges to serve."""
