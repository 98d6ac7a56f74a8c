"""TradingView's UDF datafeed: what its charting library's own adapter asks a server.

Source of names and rules: https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""
