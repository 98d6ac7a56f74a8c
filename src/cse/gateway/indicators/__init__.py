"""Indicators for whoever asks: read from candles, computed off the event loop, kept per candle close."""
