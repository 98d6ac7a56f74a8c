"""`cse export`: trades, candles and order books as files for researchers."""
