"""CS Exchange: an exchange for crypto assets whose truth is a journal of commands."""

__version__ = "0.1.0"
