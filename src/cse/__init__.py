"""CS Exchange: a low-latency exchange where creators launch tokens and fans trade them."""

__version__ = "0.1.0"
