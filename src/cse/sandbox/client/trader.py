"""Orders over HTTP whose outcome is always found out: a lost answer is asked for by client order id,
and only what is not there is sent again, under the same id.
"""

from typing import Any, Final
from urllib.parse import quote

from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import Patience, RestClient

OPEN: Final = frozenset({"open", "partially_filled", "pending_trigger"})
"""Statuses of orders that are not over."""

MAX_BATCH: Final = 50

Answer = dict[str, Any]
"""`{"order": {...}, "fills": [...]}` as the API gives it."""


class Trader:
    """One account's orders. Every order has a client order id; `unknown` counts answers that were lost."""

    def __init__(self, rest: RestClient) -> None:
        """Trade through a client that has logged in."""
        self.rest = rest
        self.unknown = 0

    async def place(self, order: dict[str, Any]) -> Answer:
        """Place an order (body as of POST /api/orders, with a client_order_id).

        Raises:
            Refused, GaveUp.
        """
        patience = Patience(self.rest.patience_s)
        while True:
            try:
                return _answer(await self.rest.request("POST", "/orders", order))
            except NoAnswer as failure:
                self.unknown += 1
                await patience.pause(failure)
            if (known := await self.ask(order["client_order_id"])) is not None:
                return known

    async def amend(self, order_id: int, changes: dict[str, str]) -> Answer:
        """Change an order's price or total quantity; sending it twice does no harm.

        Raises:
            Refused, GaveUp.
        """
        patience = Patience(self.rest.patience_s)
        while True:
            try:
                return _answer(await self.rest.request("PATCH", f"/orders/{order_id}", changes))
            except NoAnswer as failure:
                self.unknown += 1
                await patience.pause(failure)
            known = _answer(await self.rest.get(f"/orders/{order_id}"))
            if _has(known, changes):
                return known

    async def cancel(self, order_id: int) -> Answer:
        """Cancel what is left of an order.

        Raises:
            Refused (`order_closed`: it was over before), GaveUp.
        """
        patience = Patience(self.rest.patience_s)
        while True:
            try:
                return _answer(await self.rest.request("DELETE", f"/orders/{order_id}"))
            except NoAnswer as failure:
                self.unknown += 1
                await patience.pause(failure)
            known = _answer(await self.rest.get(f"/orders/{order_id}"))
            if known["order"]["status"] not in OPEN:
                return known

    async def cancel_all(self, market: str | None = None) -> int:
        """Cancel all own orders (of a market); returns how many the last attempt found.

        Raises:
            Refused, GaveUp.
        """
        patience = Patience(self.rest.patience_s)
        params = {"market": market} if market else {}
        while True:
            try:
                answer = await self.rest.request("DELETE", "/orders", params=params)
                return int(answer["cancelled"])
            except NoAnswer as failure:
                self.unknown += 1
                await patience.pause(failure)

    async def batch(self, items: list[dict[str, Any]]) -> list[Answer | Refused]:
        """Send up to 50 places, amends and cancels (items as of POST /api/orders/batch), in this order;
        each is answered for itself.

        Raises:
            Refused (the whole batch), GaveUp.
        """
        patience = Patience(self.rest.patience_s)
        answers: dict[str, Answer | Refused] = {}
        left = items
        while left:
            try:
                body = await self.rest.request("POST", "/orders/batch", {"items": left})
                answers |= zip(map(_name, left), map(_result, body["results"]), strict=True)
                break
            except NoAnswer as failure:
                self.unknown += 1
                await patience.pause(failure)
            for item in left:
                known = await self._ask_about(item)
                if known is not None and _is_done(item, known):
                    answers[_name(item)] = known
            left = [item for item in left if _name(item) not in answers]
        return [answers[_name(item)] for item in items]

    async def _ask_about(self, item: dict[str, Any]) -> Answer | None:
        if "order_id" in item:
            return _answer(await self.rest.get(f"/orders/{item['order_id']}"))
        return await self.ask(item["client_order_id"])

    async def ask(self, client_order_id: str) -> Answer | None:
        """Return what became of an order, None when the exchange does not know it.

        Raises:
            Refused, GaveUp.
        """
        try:
            path = f"/orders/by-client-id/{quote(client_order_id, safe='')}"
            return _answer(await self.rest.get(path))
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise


def _answer(body: Any) -> Answer:
    answer: Answer = body
    return answer


def _name(item: dict[str, Any]) -> str:
    """One batch may hold an order's placing, amending and cancelling."""
    return f"{item['op']} {item.get('order_id') or item['client_order_id']}"


def _result(result: dict[str, Any]) -> Answer | Refused:
    if problem := result.get("problem"):
        return Refused(result["status"], problem["code"], problem["detail"])
    return _answer(result)


def _is_done(item: dict[str, Any], known: Answer) -> bool:
    if item["op"] == "amend":
        return _has(known, {name: item[name] for name in item if name in {"price", "quantity"}})
    return item["op"] == "place" or known["order"]["status"] not in OPEN


def _has(known: Answer, changes: dict[str, str]) -> bool:
    return all(known["order"][field] == value for field, value in changes.items())
