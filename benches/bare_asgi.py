"""The baseline of the HTTP benchmark: parse the same body, answer the same bytes, do nothing else."""

import os
from pathlib import Path
from typing import Any

import msgspec


class Order(msgspec.Struct):
    """The fields of the order that the benchmark sends."""

    market: str
    side: str
    type: str
    price: str
    quantity: str
    self_trade_prevention: str


_decoder = msgspec.json.Decoder(Order)
_answer = Path(os.environ["CSE_BENCH_ANSWER"]).read_bytes()
_headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_answer)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer every request alike."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    _decoder.decode(body)
    await send({"type": "http.response.start", "status": 201, "headers": _headers})
    await send({"type": "http.response.body", "body": _answer})
