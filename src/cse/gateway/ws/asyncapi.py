"""The AsyncAPI 3 document of the WebSocket, made from the message structs that the code sends and takes."""

from typing import Any, Final, Literal

import msgspec

from cse import __version__ as version
from cse.gateway.batch import BatchResults
from cse.gateway.order_requests import (
    AmendRequest,
    BatchRequestSchema,
    CancelAfterRequest,
    PlaceRequest,
)
from cse.gateway.ws import messages as m
from cse.gateway.ws.channels.names import DEPTHS, PACES_MS
from cse.gateway.ws.options import WsOptions
from cse.market_data import INTERVALS

JsonObject = dict[str, Any]

SENT: Final[tuple[type, ...]] = (
    m.BookMessage,
    m.TopMessage,
    m.BestMessage,
    m.TradesMessage,
    m.TickerMessage,
    m.TickersMessage,
    m.StatusMessage,
    m.CandlesMessage,
    m.IndicatorMessage,
    m.OrdersMessage,
    m.BalancesMessage,
    m.ChannelClosed,
    m.Done,
    m.Refused,
)
"""Every message that the server sends."""

TAKEN: Final[tuple[type, ...]] = (m.Auth, m.Subscribe, m.Unsubscribe, m.Resync, m.Ping)

_ORDER_OPS: Final[dict[str, tuple[str, tuple[type, ...]]]] = {
    "order.place": ("Place an order: the body of POST /api/orders.", (PlaceRequest,)),
    "order.amend": (
        "Amend an order: the body of PATCH /api/orders/{id}, and which order.",
        (AmendRequest, m.CancelOp),
    ),
    "order.cancel": ("Cancel an order.", (m.CancelOp,)),
    "order.cancel_all": ("Cancel all orders, of one market or all.", (m.CancelAllOp,)),
    "order.cancel_after": (
        "The dead-man switch: the body of POST /api/orders/cancel-after.",
        (CancelAfterRequest,),
    ),
    "order.batch": ("The body of POST /api/orders/batch.", (BatchRequestSchema,)),
}
_REF: Final = "#/components/schemas/{name}"


def document(options: WsOptions) -> JsonObject:
    """Return the AsyncAPI document; `options` are the limits that it names."""
    schemas = _schemas()
    names = [cls.__name__ for cls in (*SENT, *TAKEN)] + [_camel(op) for op in _ORDER_OPS]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CS Exchange streams",
            "version": version,
            "description": _description(options),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {"socket": _channel(names)},
        "operations": {
            "send": _operation("send", [cls.__name__ for cls in SENT]),
            "receive": _operation(
                "receive", [cls.__name__ for cls in TAKEN] + [_camel(op) for op in _ORDER_OPS]
            ),
        },
        "components": {
            "messages": {name: _message(name, schemas) for name in names},
            "schemas": schemas,
        },
    }


def _schemas() -> dict[str, JsonObject]:
    classes = (*SENT, *TAKEN, BatchResults)
    parts = {part for _, used in _ORDER_OPS.values() for part in used}
    _, schemas = msgspec.json.schema_components(
        [*classes, *sorted(parts, key=lambda cls: cls.__name__)], ref_template=_REF
    )
    for op, (words, used) in _ORDER_OPS.items():
        schemas[_camel(op)] = _order_schema(op, words, [schemas[cls.__name__] for cls in used])
    result = schemas["Done"]["properties"]["result"]
    result.clear()
    result.update(type="object", description="For order entry: the body that REST answers.")
    return schemas


def _order_schema(op: str, words: str, parts: list[JsonObject]) -> JsonObject:
    """Return the schema of an order operation: `op` and `id` beside the REST body's own fields."""
    _, own = msgspec.json.schema_components([m.Ping], ref_template=_REF)
    properties: JsonObject = {"op": {"enum": [op]}, "id": own["Ping"]["properties"]["id"]}
    required = ["op"]
    for part in parts:
        properties.update(part.get("properties", {}))
        required += part.get("required", [])
    return {
        "title": _camel(op),
        "description": words,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _message(name: str, schemas: dict[str, JsonObject]) -> JsonObject:
    words = schemas[name].get("description", "")
    return {
        "name": name,
        "summary": words.partition("\n")[0],
        "payload": {"$ref": _REF.format(name=name)},
    }


def _channel(names: list[str]) -> JsonObject:
    flag = {"enum": ["true", "false"], "default": "false"}
    return {
        "address": "/ws",
        "title": "The WebSocket",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": {
                        "encoding": {"enum": ["json", "msgpack"], "default": "json"},
                        "cancel_on_disconnect": flag,
                    },
                    "additionalProperties": False,
                },
            }
        },
    }


def _operation(action: Literal["send", "receive"], names: list[str]) -> JsonObject:
    whose = "The server sends" if action == "send" else "The server takes"
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "summary": f"{whose} these.",
        "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in names],
    }


def _camel(op: str) -> str:
    return "".join(word.capitalize() for word in op.replace(".", "_").split("_"))


def _description(options: WsOptions) -> str:
    depths = "|".join(map(str, DEPTHS))
    paces = "|".join(PACES_MS)
    return (
        f"Channels: `orderbook.MARKET`, `orderbook.MARKET.N@PACE` (N {depths}, PACE {paces}), "
        "`orderbook.MARKET.step=STEP`, `bbo.MARKET`, `trades.MARKET`, `ticker.MARKET`, `tickers`, `status`, "
        f"`candles.MARKET.INTERVAL` ({' '.join(INTERVALS)}), `indicators.MARKET.INTERVAL.FUNCTION`, "
        "and after `auth` `user.orders`, `user.balances`. "
        "In each the messages chain: `previous` is the `sequence` of the one before; on a gap or a wrong "
        "checksum ask for a `resync`. "
        f"Limits per connection: {options.max_subscriptions} subscriptions, "
        f"{options.messages_per_second} messages per second, {options.max_frame_bytes} bytes per message, "
        f"{options.buffer_bytes} bytes waiting to be read."
    )
