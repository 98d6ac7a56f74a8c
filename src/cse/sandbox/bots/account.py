"""A bot's hands: its session, its open orders, its money; intents become calls."""

import asyncio
import secrets
from typing import Any, Final

import structlog

from cse.core.money import parse_units
from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.strategy import Amend, Intent, MarketView, OwnOrder, Place
from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.stream import Stream
from cse.sandbox.client.trader import OPEN, Trader

log = structlog.get_logger(__name__)

_EXPECTED: Final = frozenset(
    {
        "order_closed",  # it was filled while we were about to move it
        "order_not_found",
        "would_take",  # the market moved towards our quote
        "nothing_to_amend",
        "quantity_below_filled",
        "price_out_of_band",
        "market_halted",
        "market_cancel_only",
    }
)
"""Refusals that are part of trading: the next decision sees a newer market."""


class BotAccount:
    """One account in some markets, over one WebSocket; every (re)connection begins without orders."""

    def __init__(
        self, name: str, rest: RestClient, instruments: dict[str, Instrument], worth: int
    ) -> None:
        """Trade with play money worth `worth` whole quote in each asset."""
        self.name = name
        self._rest = rest
        self._trader = Trader(rest)
        self._instruments = instruments
        self._endowment = _endowment(instruments, worth)
        self._orders: dict[str, dict[int, OwnOrder]] = {market: {} for market in instruments}
        self._tags: dict[str, str] = {}
        self._positions = dict.fromkeys(instruments, 0)
        self._prefix = secrets.token_hex(4)
        self._count = 0
        self.stream = Stream(
            rest, ["user.orders"], self._on_message, self._begin_anew, private=True
        )

    def view(self, market: str, seen: MarketView) -> MarketView:
        """Add what is ours to what everybody sees; oldest order first."""
        seen.position = self._positions[market]
        seen.orders = [self._orders[market][key] for key in sorted(self._orders[market])]
        return seen

    async def act(self, intent: Intent) -> None:
        """Do one thing. Refusals that are part of trading are noted; a lost answer is found out.

        Raises:
            Refused: something is wrong with the bot or its account; GaveUp.
        """
        try:
            await self._send(intent)
        except Refused as refusal:
            if refusal.code == "insufficient_funds":
                await self._bring_money()
            elif refusal.status in {401, 429}:
                await asyncio.sleep(1.0)  # the stream logs in again; the limit lets us again
            elif refusal.code not in _EXPECTED:
                raise
            log.debug("refused", bot=self.name, code=refusal.code)

    async def _send(self, intent: Intent) -> None:
        instrument = self._instruments[intent.market]
        if isinstance(intent, Place):
            await self._place(intent, instrument)
            return
        fields: dict[str, Any] = {"order_id": intent.order_id}
        if isinstance(intent, Amend):
            fields |= {
                "price": instrument.price(intent.price),
                "quantity": instrument.quantity(intent.quantity),
            }
        op = "order.amend" if isinstance(intent, Amend) else "order.cancel"
        try:
            self._see((await self.stream.call(op, **fields))["order"])
        except NoAnswer as failure:
            log.info("outcome_unknown", bot=self.name, op=op, why=str(failure))
            self._see((await self._rest.get(f"/orders/{intent.order_id}"))["order"])

    async def _place(self, intent: Place, instrument: Instrument) -> None:
        self._count += 1
        name = f"{self._prefix}-{self._count}"
        body = {
            "market": intent.market,
            "side": intent.side,
            "type": "limit",
            "time_in_force": "ioc" if intent.take else "gtc",
            "post_only": not intent.take,
            "price": instrument.price(intent.price),
            "quantity": instrument.quantity(intent.quantity),
            "client_order_id": name,
        }
        if not intent.take:
            self._tags[name] = intent.tag
        try:
            self._see((await self.stream.call("order.place", **body))["order"])
        except NoAnswer as failure:
            log.info("outcome_unknown", bot=self.name, op="order.place", why=str(failure))
            known = await self._trader.ask(name)
            if known is not None:
                self._see(known["order"])
        except Refused:
            self._tags.pop(name, None)
            raise

    async def _begin_anew(self) -> None:
        """After every (re)connection: no orders from before, and the money as it is."""
        await self._trader.cancel_all()
        for orders in self._orders.values():
            orders.clear()
        self._tags.clear()
        await self._bring_money()

    async def _bring_money(self) -> None:
        """Fill up what has run low, and take the positions from what there is."""
        money = await self._read_money()
        for asset, (scale, endowment) in self._endowment.items():
            if money.get(asset, 0) < endowment // 4:
                amount = endowment - money.get(asset, 0)
                whole = str(amount // 10**scale)
                body = {"asset": asset, "amount": whole}
                await self._rest.post_once("/sandbox/deposits", body, secrets.token_hex(16))
        money = await self._read_money()
        for market, instrument in self._instruments.items():
            scale, endowment = self._endowment[instrument.base]
            lot = instrument.lot * 10 ** (scale - instrument.quantity_decimals)
            self._positions[market] = (money[instrument.base] - endowment) // lot

    async def _read_money(self) -> dict[str, int]:
        """Return available and held together, in units of the scales of the endowment."""
        return {
            balance["asset"]: sum(
                parse_units(balance[part], self._endowment[balance["asset"]][0])
                for part in ("available", "held")
            )
            for balance in (await self._rest.get("/balances"))["balances"]
            if balance["asset"] in self._endowment
        }

    def _on_message(self, message: dict[str, Any]) -> None:
        for order in message["orders"]:
            self._see(order)
        for fill in message["fills"]:
            instrument = self._instruments[fill["market"]]
            lots = instrument.lots(fill["quantity"])
            self._positions[fill["market"]] += lots if fill["side"] == "buy" else -lots

    def _see(self, order: dict[str, Any]) -> None:
        """Take in an order as it stands; news may come twice and late, what is over stays over."""
        market, name = order["market"], order["client_order_id"]
        if order["status"] not in OPEN:
            self._orders[market].pop(order["id"], None)
            self._tags.pop(name, None)
            return
        if name not in self._tags:
            return
        instrument = self._instruments[market]
        self._orders[market][order["id"]] = OwnOrder(
            order["id"],
            order["side"],
            instrument.ticks(order["price"]),
            instrument.lots(order["filled_quantity"]),
            instrument.lots(order["remaining_quantity"]),
            self._tags[name],
        )


def _endowment(instruments: dict[str, Instrument], worth: int) -> dict[str, tuple[int, int]]:
    """Return scale and amount for each asset: `worth` whole quote of every base, and as much per market."""
    endowment: dict[str, tuple[int, int]] = {}
    for item in instruments.values():
        scale = 9
        price = max(item.listed_at * item.tick, 1)
        whole = worth * 10**item.price_decimals // price
        endowment[item.base] = (scale, whole * 10**scale)
        quote = endowment.get(item.quote, (scale, 0))[1]
        endowment[item.quote] = (scale, quote + worth * 10**scale)
    return endowment
