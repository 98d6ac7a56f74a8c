"""Finding orders and their fills: in memory first, then in history, never a false "does not exist"."""

from cse.gateway.history_gate import HistoryGate
from cse.gateway.order_requests import is_client_order_id
from cse.gateway.problems import from_reject_code
from cse.messages.reject_codes import RejectCode
from cse.projections.live import LiveAccounts
from cse.projections.ports import HistoryReader
from cse.projections.views import FillView, OrderView

OrderRef = int | str
"""An order's id, or its owner's client order id."""


class OrderLookup:
    """One account's orders, wherever they are kept."""

    def __init__(self, live: LiveAccounts, history: HistoryReader, gate: HistoryGate) -> None:
        """Look into `live` first; `gate` knows how far `history` is."""
        self._live = live
        self._history = history
        self._gate = gate

    async def own(self, account_id: int, ref: OrderRef) -> OrderView:
        """Return an order of this account.

        Raises:
            ApiProblem: 404, also for somebody else's order; 503 while history is behind.
            Unavailable: it is not in memory and the database is out of reach.
        """
        if isinstance(ref, str) and not is_client_order_id(ref):
            raise from_reject_code(RejectCode.ORDER_NOT_FOUND)
        view = self.recent(account_id, ref) or await self._from_history(account_id, ref)
        return _owned(account_id, view)

    async def own_open(self, account_id: int, ref: OrderRef) -> OrderView:
        """Return an open order of this account; errors as `own`, and 409 `order_closed`."""
        return _still_open(await self.own(account_id, ref))

    def own_open_now(self, account_id: int, order_id: int) -> OrderView | None:
        """Return what `own_open` does, if memory alone can tell; else None."""
        view = self._live.order(order_id)
        return None if view is None else _still_open(_owned(account_id, view))

    async def fills(self, view: OrderView) -> list[FillView]:
        """Return all fills that `view` tells of, oldest first; a view that stands still gets no later ones.

        Raises:
            ApiProblem: 503 while history is behind.
            Unavailable: some are not in memory and the database is out of reach.
        """
        recent = self.recent_fills(view)
        if _are_all(recent, view):
            return recent
        await self._gate.reach(view.sequence)
        older = await self._gate.answer(self._history.order_fills(view.order_id))
        merged = {fill.trade_id: fill for fill in (*older, *recent)}
        return [merged[key] for key in sorted(merged) if merged[key].sequence <= view.sequence]

    def fills_now(self, view: OrderView) -> list[FillView] | None:
        """Return what `fills` does, if memory alone can tell; else None."""
        recent = self.recent_fills(view) if view.filled_quantity else []
        return recent if _are_all(recent, view) else None

    def recent(self, account_id: int, ref: OrderRef) -> OrderView | None:
        """Return an order that is in memory; by its id also somebody else's."""
        if isinstance(ref, int):
            return self._live.order(ref)
        return self._live.order_by_client_id(account_id, ref)

    def recent_fills(self, view: OrderView) -> list[FillView]:
        """Return those of them that are in memory."""
        fills = self._live.fills(view.order_id)
        return [fill for fill in fills if fill.sequence <= view.sequence]

    async def _from_history(self, account_id: int, ref: OrderRef) -> OrderView | None:
        await self._gate.reach(self._live.last_sequence(account_id))
        if isinstance(ref, int):
            return await self._gate.answer(self._history.order(ref))
        return await self._gate.answer(self._history.order_by_client_id(account_id, ref))


def _owned(account_id: int, view: OrderView | None) -> OrderView:
    if view is None or view.account_id != account_id:
        raise from_reject_code(RejectCode.ORDER_NOT_FOUND)
    return view


def _still_open(view: OrderView) -> OrderView:
    if view.close_reason is not None:
        detail = f"Order {view.order_id} is {view.status.value} already."
        raise from_reject_code(RejectCode.ORDER_CLOSED, detail)
    return view


def _are_all(fills: list[FillView], view: OrderView) -> bool:
    return sum(fill.quantity for fill in fills) == view.filled_quantity
