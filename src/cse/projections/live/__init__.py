"""Orders and money in memory: what the events add up to, current the moment they arrive."""

from cse.projections.live.accounts import AccountView, LiveAccounts

__all__ = ["AccountView", "LiveAccounts"]
