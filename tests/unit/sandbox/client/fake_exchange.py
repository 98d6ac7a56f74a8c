"""An exchange of a few lines that can lose requests and answers on demand; no sockets."""

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

LOST_REQUEST, LOST_ANSWER = "lost request", "lost answer"


class FakeExchange:
    """Keeps orders by client order id, as the API describes it.

    `faults` are used up one by one: LOST_REQUEST and LOST_ANSWER break the connection before or after the
    request takes effect, a response is answered instead of it, None lets a request through.
    """

    def __init__(self) -> None:
        self.faults: list[str | httpx.Response | None] = []
        self.log: list[str] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.token = 0
        self.known_passwords: dict[str, str] = {}
        self.keys: set[str] = set()
        self.balances: dict[str, int] = {}
        self._ids = itertools.count(1)
        self._routes: dict[str, Callable[[httpx.Request, Any], httpx.Response]] = {
            "POST /api/auth/register": self._register,
            "POST /api/auth/login": self._login,
            "POST /api/auth/refresh": lambda _, __: self._tokens(),
            "POST /api/orders": lambda _, body: self._place(body),
            "POST /api/orders/batch": lambda _, body: self._batch(body),
            "POST /api/sandbox/deposits": self._deposit,
            "DELETE /api/orders": lambda _, __: httpx.Response(200, json={"cancelled": 0}),
            "GET /api/balances": lambda _, __: self._balances(),
            "GET /api/time": lambda _, __: httpx.Response(200, json={"time": 1}),
        }

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        route = f"{request.method} {request.url.path}"
        self.log.append(route)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, httpx.Response):
            return fault
        if fault == LOST_REQUEST:
            raise httpx.ConnectError("refused", request=request)
        answer = self._answer(route, request)
        if fault == LOST_ANSWER:
            raise httpx.ReadError("reset", request=request)
        return answer

    def _answer(self, route: str, request: httpx.Request) -> httpx.Response:
        body = msgspec.json.decode(request.content) if request.content else None
        if route in self._routes:
            return self._routes[route](request, body)
        name = request.url.path.rpartition("/")[2]
        found = [o for o in self.orders.values() if name in {str(o["id"]), o["client_order_id"]}]
        if not found:
            return problem(404, "order_not_found")
        if request.method == "DELETE":
            return self._cancel(found[0])
        found[0] |= body or {}
        return shown(found[0])

    def _register(self, _: httpx.Request, body: Any) -> httpx.Response:
        if body["email"] in self.known_passwords:
            return problem(409, "email_taken")
        self.known_passwords[body["email"]] = body["password"]
        return httpx.Response(201, json={})

    def _login(self, _: httpx.Request, body: Any) -> httpx.Response:
        if self.known_passwords.get(body["email"]) != body["password"]:
            return problem(401, "wrong_credentials")
        return self._tokens()

    def _tokens(self) -> httpx.Response:
        self.token += 1
        pair = {"access_token": f"a{self.token}", "refresh_token": "r", "expires_in": 900}
        return httpx.Response(200, json=pair)

    def _balances(self) -> httpx.Response:
        found = [
            {"asset": asset, "available": f"{amount}.000000", "held": "0.000000"}
            for asset, amount in self.balances.items()
        ]
        return httpx.Response(200, json={"balances": found})

    def _deposit(self, request: httpx.Request, body: Any) -> httpx.Response:
        key = request.headers["idempotency-key"]
        again = key in self.keys
        self.keys.add(key)
        if not again:
            before = self.balances.get(body["asset"], 0)
            self.balances[body["asset"]] = before + int(body["amount"])
        return httpx.Response(200 if again else 201, json={"again": again})

    def _place(self, body: dict[str, Any]) -> httpx.Response:
        known = self.orders.get(body["client_order_id"])
        if known is None:
            known = {"id": next(self._ids), "status": "open", **body}
            self.orders[body["client_order_id"]] = known
        return shown(known)

    def _named(self, item: dict[str, Any]) -> dict[str, Any]:
        """Take the order's name out of an item and return the order."""
        order_id, name = item.pop("order_id", None), item.pop("client_order_id", None)
        return next(
            o for o in self.orders.values() if order_id == o["id"] or name == o["client_order_id"]
        )

    @staticmethod
    def _cancel(order: dict[str, Any]) -> httpx.Response:
        if order["status"] != "open":
            return problem(409, "order_closed")
        order["status"] = "cancelled"
        return shown(order)

    def _batch(self, body: Any) -> httpx.Response:
        results = []
        for item in body["items"]:
            rest = {name: value for name, value in item.items() if name != "op"}
            if item["op"] == "place":
                answer = self._place(rest)
            else:
                order = self._named(rest)
                if item["op"] == "amend":
                    order |= rest
                answer = self._cancel(order) if item["op"] == "cancel" else shown(order)
            good = answer.status_code < 400
            result = answer.json() if good else {"problem": answer.json()}
            results.append({"status": answer.status_code, **result})
        return httpx.Response(200, json={"results": results})


def shown(order: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"order": dict(order), "fills": []})


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"status": status, "code": code, "detail": "no"}
    return httpx.Response(
        status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
