"""Replays: recorded market data goes through the public API into a market, and is checked on the way.

lobster and binance read the recordings and turn them into steps; runner plays steps, whatever they
came from, and report says how it went.
"""
