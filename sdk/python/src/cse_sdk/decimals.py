"""Prices and quantities are texts; they are put in order by their digits as integers, never as floats."""


class BadNumber(ValueError):
    """A text that is no price or quantity of the exchange."""


def digits(text: str) -> int:
    """Return a decimal's digits as an integer: "1.2400" gives 12400, zero of any length gives 0.

    Raises:
        BadNumber: it is no plain decimal without a sign.
    """
    whole = text.replace(".", "", 1)
    if not (whole.isascii() and whole.isdigit()):
        raise BadNumber(f"{text!r} is no decimal")
    return int(whole)


def decimals(text: str) -> int:
    """Return how many digits stand behind the point; a market prints all its prices with the same."""
    point = text.find(".")
    return 0 if point < 0 else len(text) - point - 1
