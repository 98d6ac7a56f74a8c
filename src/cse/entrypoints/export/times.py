"""Times as people give them on a command line."""

from datetime import UTC, datetime

from cse.entrypoints.export.tables import CannotExport


def parse_time(option: str, text: str | None) -> int | None:
    """Return Unix milliseconds; None for none.

    Args:
        option: what the message names.
        text: Unix milliseconds in digits, or ISO 8601; without a zone it is UTC.

    Raises:
        CannotExport: it is neither, or before 1970.
    """
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 16:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CannotExport(
            f"{option} {text!r} is neither Unix milliseconds nor ISO 8601 (2026-11-22T16:58:47Z)"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    time_ms = (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
    if time_ms < 0:
        raise CannotExport(f"{option} {text!r} is before 1970")
    return time_ms
