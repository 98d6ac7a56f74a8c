"""Portfolios of sub-accounts: each its own, transfers at market value in both, a key sees its account alone."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.http_exchange import HttpExchange, deposit, good, http_exchange, place
from tests.integration.sub_accounts.parts import acting, main_of, sub_account
from tests.integration.sub_accounts.test_keys_of_accounts import bot


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


def of(answer: Any, symbol: str) -> Any:
    [found] = [each for each in answer["assets"] if each["asset"] == symbol]
    return found


async def test_a_transfer_is_at_market_value_in_both_accounts(exchange: HttpExchange) -> None:
    """Bought at 1.00, moved when it is worth 1.10: the gain is the sender's by moving, the receiver begins anew."""
    ada, bob = await exchange.person("ada"), await exchange.trader("bob")
    await deposit(ada, "USDC", "1000")
    for price, quantity in (("1.00", "10"), ("1.10", "1")):
        await place(bob, "sell", price, quantity)
        await place(ada, "buy", price, quantity)
    main, sub = await main_of(ada), await sub_account(ada)
    body = {"from_account_id": main, "to_account_id": sub, "asset": "NOVA", "amount": "5"}
    good(await ada.post("/api/transfers", json=body, headers={"idempotency-key": "move"}), 201)

    sent = good(await ada.get("/api/portfolio"))
    came = good(await ada.get("/api/portfolio", headers=acting(sub)))
    assert of(came, "NOVA")["basis"] == "market"
    assert of(came, "NOVA")["cost_basis"] == of(came, "NOVA")["value"] == "5.500000"
    gain = Decimal(of(sent, "NOVA")["realised_by_moves"])
    assert Decimal("0.48") < gain < Decimal("0.5"), "5 at 1.10, less the fee's share of their cost"
    assert of(sent, "NOVA")["realised"] == "0.000000"
    for answer in (sent, came):
        total = answer["total"]
        assert Decimal(total["profit"]) == Decimal(total["value"]) - Decimal(total["net_deposits"])
    both = Decimal(sent["total"]["net_deposits"]) + Decimal(came["total"]["net_deposits"])
    assert both == 1_000, "what goes from one comes into the other"


async def test_a_key_reads_the_portfolio_of_its_account(exchange: HttpExchange) -> None:
    """A program with the key of a sub-account sees that one, whatever the main account has."""
    ada = await exchange.trader("ada")
    sub = await sub_account(ada)
    program = await bot(exchange, ada, sub)
    for target in ("/api/portfolio", "/api/portfolio/history", "/api/statements?from=0&to=9"):
        answer = good(await program.send("GET", target, None))
        assert not answer.get("assets", []), target
        assert not answer.get("points", []), target
    text = await program.send("GET", "/api/ledger/export.csv", None)
    assert text.text.count("\n") == 1
