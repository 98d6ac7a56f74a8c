"""What a level lets somebody do: one table, of nothing but what is enforced.

Limits for withdrawals come with withdrawals: a limit that nothing asks is not offered here.
"""

from typing import NamedTuple

from cse.users.identity_checks.model import Level


class LevelRules(NamedTuple):
    """From which level on."""

    to_trade: int = 0
    """Placing and amending orders; cancelling is always allowed."""
    to_withdraw: int = 0
    """Making API keys with the scope `withdraw`."""


class LevelLimits(NamedTuple):
    """What somebody of a level may do."""

    level: int
    may_trade: bool
    may_hold_withdraw_keys: bool


def limits_of(rules: LevelRules, level: int) -> LevelLimits:
    """Return what a level lets somebody do."""
    return LevelLimits(level, level >= rules.to_trade, level >= rules.to_withdraw)


def limits_table(rules: LevelRules) -> list[LevelLimits]:
    """Return the whole table."""
    return [limits_of(rules, level) for level in Level]
