"""Numbers that bound what one command may do; the native engine has the same ones."""

from typing import Final

from cse.core.ids import MAX_ID

MAX_TRIGGERS_PER_COMMAND: Final = 256
"""Triggered orders that enter within one command; the rest of a cascade goes on with the next Tick."""

MAX_EXPIRIES_PER_TICK: Final = 1_000
"""Orders that one Tick expires; the rest goes with the next."""

MAX_CLIENT_IDS_PER_ACCOUNT: Final = 10_000
"""Client order ids that the engine remembers per account, newest kept."""

MAX_FEE_PPM: Final = 100_000
"""No fee is above 10 percent."""

MAX_BAND_PPM: Final = 1_000_000_000
"""No price band is wider than 1,000 times the reference."""

MAX_PRICE_SCALE: Final = 12
"""Decimals of a price, at most."""

MAX_CANCEL_AFTER_MS: Final = 86_400_000
"""The dead-man switch waits a day at most."""

MAX_TIME_MS: Final = MAX_ID
"""No command is later (in the year 287,396), so that what is added to a time fits its field."""
