"""Sub-accounts of a real exchange: over its port, by binary order entry, and after it was killed."""

from decimal import Decimal
from pathlib import Path

from cse.client import OrderEntryClient
from cse.messages import events as e
from tests.integration.entry.test_processes import entry_address, make_key
from tests.integration.entry.world import order
from tests.integration.exchange import Exchange, deposit, get, place
from tests.integration.sub_accounts.parts import acting


async def test_a_sub_account_trades_over_every_door_and_is_there_after_a_crash(
    tmp_path: Path,
) -> None:
    """Its key logs in to order entry as the sub-account; kill -9 loses neither the account nor its money."""
    with Exchange(tmp_path) as exchange:
        with exchange.person("ada") as ada:
            deposit(ada, "USDC", "1000", "gift")
            main = get(ada, "/api/account")["account_id"]
            sub = ada.post("/api/sub-accounts", json={"label": "bots"}).json()["sub_account"]
            assert sub["status"] == "open"
            account_id = sub["account_id"]
            body = {
                "from_account_id": main,
                "to_account_id": account_id,
                "asset": "USDC",
                "amount": "400",
            }
            moved = ada.post("/api/transfers", json=body, headers={"idempotency-key": "move"})
            assert moved.status_code == 201, moved.text
            key = make_key(ada, account_id=account_id)
            client = OrderEntryClient(entry_address(exchange), *key)
            assert (await client.connect()).account_id == account_id
            placed = (await client.place(order(account_id, name="by-program"))).events[0]
            assert isinstance(placed, e.OrderAccepted)
            await client.logout()
            exchange.settle()
            assert ada.get("/api/orders/by-client-id/by-program").status_code == 404
            ada.headers.update(acting(account_id))
            shown = get(ada, "/api/orders/by-client-id/by-program")
            assert shown["order"]["id"] == placed.order_id
            over_rest = place(ada, "buy", "1.0000", "1.00")["order"]["id"]
        exchange.kill()
        exchange.start()
        exchange.settle()
        with exchange.person("ada") as ada:
            ada.headers.update(acting(account_id))
            assert {each["id"] for each in get(ada, "/api/orders")["orders"]} >= {over_rest}
            [usdc] = [b for b in get(ada, "/api/balances")["balances"] if b["asset"] == "USDC"]
            assert Decimal(usdc["available"]) + Decimal(usdc["held"]) == 400
            assert len(get(ada, "/api/transfers")["transfers"]) == 1
