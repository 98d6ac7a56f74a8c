"""The two accounts that play a recording: they turn steps into API calls and measure them."""

import time
from array import array
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from cse.sandbox.client.failures import Refused
from cse.sandbox.client.trader import MAX_BATCH, OPEN, Answer, Trader
from cse.sandbox.replay.scales import Scales
from cse.sandbox.replay.steps import Action, Cancel, Place, Reduce, ReplayError, Role


class Players:
    """Maker and taker in one market.

    One action alone goes to its own call, several in a row of one account into a batch; a call is sent
    when the one before was answered, so that the exchange sees the recording's order.
    """

    def __init__(self, market: str, scales: Scales, traders: dict[Role, Trader]) -> None:
        """Trade in `market` with accounts that have logged in and have money."""
        self._market = market
        self._scales = scales
        self._traders = traders
        self._order_ids: dict[str, int] = {}
        self.orders = 0
        """Orders placed."""
        self.amends = 0
        self.cancels = 0
        self.latencies_ns = array("q")
        """One entry per call, from sending to answer, retries included."""

    @property
    def unknown(self) -> int:
        """How many answers were lost and had to be found out."""
        return sum(trader.unknown for trader in self._traders.values())

    async def act(self, actions: list[Action]) -> None:
        """Do these in order.

        Raises:
            ReplayError: the exchange refused one; GaveUp: it does not answer.
        """
        for role, some in _calls(actions):
            began = time.perf_counter_ns()
            try:
                answers = await self._call(self._traders[role], some)
            except Refused as refusal:
                raise ReplayError(f"the exchange refused {some[0]}: {refusal}") from refusal
            self.latencies_ns.append(time.perf_counter_ns() - began)
            for action, answer in zip(some, answers, strict=True):
                self._note(action, answer)

    async def _call(self, trader: Trader, actions: list[Action]) -> list[Answer | Refused]:
        if len(actions) > 1:
            return await trader.batch([self._item(action) for action in actions])
        action = actions[0]
        if isinstance(action, Place):
            return [await trader.place(self._order(action))]
        order_id = self._order_ids[action.client_order_id]
        if isinstance(action, Cancel):
            return [await trader.cancel(order_id)]
        quantity = self._scales.quantity.to_text(action.quantity)
        return [await trader.amend(order_id, {"quantity": quantity})]

    def _item(self, action: Action) -> dict[str, Any]:
        """By the exchange's id where it is known: it remembers only so many client order ids."""
        if isinstance(action, Place):
            return {"op": "place", **self._order(action)}
        order_id = self._order_ids.get(action.client_order_id)
        named = {"order_id": order_id} if order_id else {"client_order_id": action.client_order_id}
        if isinstance(action, Cancel):
            return {"op": "cancel", **named}
        return {"op": "amend", **named, "quantity": self._scales.quantity.to_text(action.quantity)}

    def _order(self, action: Place) -> dict[str, Any]:
        taker = action.role is Role.TAKER
        return {
            "market": self._market,
            "side": action.side,
            "type": "limit",
            "time_in_force": "ioc" if taker else "gtc",
            "post_only": not taker,
            "price": self._scales.price.to_text(action.price),
            "quantity": self._scales.quantity.to_text(action.quantity),
            "client_order_id": action.client_order_id,
        }

    def _note(self, action: Action, answer: Answer | Refused) -> None:
        if isinstance(answer, Refused):
            raise ReplayError(f"the exchange refused {action}: {answer}")
        if isinstance(action, Place):
            self.orders += 1
            if answer["order"]["status"] in OPEN:
                self._order_ids[action.client_order_id] = answer["order"]["id"]
        elif isinstance(action, Reduce):
            self.amends += 1
        else:
            self.cancels += 1
            self._order_ids.pop(action.client_order_id, None)


def _calls(actions: list[Action]) -> Iterator[tuple[Role, list[Action]]]:
    """Split where the account changes and at what one batch holds."""
    for role, some in groupby(actions, key=lambda action: action.role):
        rest = list(some)
        for start in range(0, len(rest), MAX_BATCH):
            yield role, rest[start : start + MAX_BATCH]
