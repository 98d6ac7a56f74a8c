"""Refusals name the limit that was broken, in the market's own decimals."""

import pytest

from cse.gateway.order_requests import PlaceRequest, place_command
from cse.gateway.refusals import explain_refusal
from cse.messages.commands import CancelAll, Tick
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from tests.unit.gateway.world import ANN, MARKET, World

WORLD = World()


def explained(code: RejectCode, market_id: int = 1) -> tuple[str, dict[str, str] | None]:
    rejected = Rejected(code, ANN, market_id, 0, "")
    problem = explain_refusal(rejected, Tick(), WORLD.catalog, WORLD.live)
    return problem.detail, problem.fields


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        (RejectCode.QUANTITY_TOO_SMALL, "quantity", "must be at least 0.10 NOVA"),
        (RejectCode.QUANTITY_TOO_LARGE, "quantity", "must be at most 1000000.00 NOVA"),
        (
            RejectCode.NOTIONAL_TOO_SMALL,
            "quantity",
            "price x quantity must be at least 1.000000 USDC",
        ),
        (RejectCode.PRICE_OUT_OF_BAND, "price", "must lie within 20.0000 % of the market's price"),
        (RejectCode.TOO_MANY_ORDERS, "market", "takes at most 200 open orders of one account"),
    ],
)
def test_limits_are_told(code: RejectCode, field: str, words: str) -> None:
    """The field, and the limit with its unit."""
    assert explained(code) == (f"{field}: {words}", {field: words})


@pytest.mark.parametrize("code", list(RejectCode))
def test_every_refusal_can_be_explained_without_a_market(code: RejectCode) -> None:
    """Whatever is not known is left out; there are always words."""
    detail, _ = explained(code, market_id=0)
    assert detail


def test_money_that_no_command_asks_for_is_not_reckoned() -> None:
    """Only placing and amending need money; for the rest the general words have to do."""
    rejected = Rejected(RejectCode.INSUFFICIENT_FUNDS, ANN, 1, 0, "")
    problem = explain_refusal(rejected, CancelAll(ANN, 1), WORLD.catalog, WORLD.live)
    assert problem.detail == "There is not enough available money for this."


def test_selling_more_than_one_has() -> None:
    """A sell names the base asset and needs just the quantity."""
    request = PlaceRequest(market=MARKET, side="sell", type="market", quantity="1000001.00")
    command = place_command(ANN, request, WORLD.catalog)
    rejected = Rejected(RejectCode.INSUFFICIENT_FUNDS, ANN, 1, 0, "")
    problem = explain_refusal(rejected, command, WORLD.catalog, WORLD.live)
    assert problem.detail == (
        "Not enough NOVA: you have 1000000.000000 available, this needs 1000001.000000."
    )
