"""The pure state machine: apply(command) -> events. No clock, no randomness, no I/O, no float.

`backend` is the only door; nothing outside imports another module of this package.
"""
