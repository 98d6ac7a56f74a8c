"""Errors that cross package borders. Expected business refusals are events, not exceptions."""


class CseError(Exception):
    """Anything the exchange raises on purpose. The message is written for the person who reads it."""


class InvalidAmount(CseError):
    """A decimal string that is no amount at the asked-for number of decimals."""


class CodecError(CseError):
    """Bytes that are no message of this codec: wrong version, type, length or field value."""


class OutOfSequence(CseError):
    """Commands that do not follow the last one that was applied, one by one, or go back in time."""


class Unavailable(CseError):
    """The exchange cannot take commands now (read-only journal, stopping, engine unreachable).

    Nothing was accepted: trying again later is safe. The message says what, and after a colon why; clients
    are told what, operators both.
    """


class OutcomeUnknown(CseError):
    """A command was handed over but its fate is not known (connection or disk failed midway).

    It may or may not have been applied: ask by client order id or send the same idempotency key again.
    The message is as Unavailable's.
    """
