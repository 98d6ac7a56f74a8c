"""The sandbox's traders: market makers, noise traders and momentum traders, customers like any other.

What each of them wants is decided by pure strategies (market_maker, noise, momentum) from their own seeded
randomness and what they see; account and feed are their eyes and hands; fleet runs them all.
"""

from cse.sandbox.bots.fleet import run_bots

__all__ = ["run_bots"]
