"""The sandbox: a venue with play money, bots that trade on it, and replays of recorded markets.

Everything here but `venue` uses the public API and nothing else, as any customer would.
"""
