"""The AsyncAPI document tells the truth: every message that the server sent in a session of every kind of
operation and channel is one of those described, and so is every message that the client sent.
"""

import asyncio
from itertools import islice
from typing import Any
from urllib.request import urlopen

import msgspec
from jsonschema import Draft202012Validator

from cse.gateway.history_gate import HistoryGate
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.market_history import MarketHistory
from cse.gateway.ws.asyncapi import SENT
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.indicator_channel import IndicatorChannels
from cse.gateway.ws.options import WsOptions
from cse.market_data import INTERVALS
from tests.unit.gateway.world import ListedHistory
from tests.unit.gateway.ws.client import Message, client
from tests.unit.gateway.ws.venue import ALICE, WsVenue
from tests.unit.projections.live.streams import random_commands

PUBLIC = [
    *(f"{kind}.GOLD-USD1" for kind in ("orderbook", "bbo", "trades", "ticker")),
    *(f"orderbook.GOLD-USD1.{how}" for how in ("5@100ms", "step=0.01")),
    *("tickers", "status", "indicators.GOLD-USD1.1m.rsi(14)"),
]
CANDLES = [f"candles.GOLD-USD1.{interval}" for interval in INTERVALS]
BUY = {
    "market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05",
}  # fmt: skip


def described(document: Message, operation: str) -> dict[str, Draft202012Validator]:
    """A validator per message of an operation, found through the document's own references."""

    def resolve(reference: str) -> Any:
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found

    validators = {}
    for reference in document["operations"][operation]["messages"]:
        message = resolve(resolve(reference["$ref"])["$ref"])
        schema = {**message["payload"], "components": document["components"]}
        validators[message["name"]] = Draft202012Validator(schema)
    return validators


def fitting(message: Message, validators: dict[str, Draft202012Validator]) -> list[str]:
    return [name for name, validator in validators.items() if validator.is_valid(message)]


async def fetch(venue: WsVenue) -> Message:
    url = venue.url.replace("ws://", "http://").replace("/ws", "/api/asyncapi.json")

    def get() -> Message:
        with urlopen(url) as answer:
            document: Message = msgspec.json.decode(answer.read())
            return document

    return await asyncio.to_thread(get)


def with_indicators(venue: WsVenue) -> None:
    """Let the venue have channels of indicators, over candles in memory."""
    history = ListedHistory()
    candles = Candles(MarketHistory(venue.hub, history, HistoryGate(history, 40)))
    channels = IndicatorChannels(IndicatorService(venue.hub, venue.clock, candles))
    venue.streams.register(ChannelKind.INDICATORS, channels)


async def talk(venue: WsVenue, sent: list[Message]) -> list[Message]:
    """A session with every operation and channel; returns what came back."""
    async with client(venue.url) as reader:

        async def ask(op: str, **fields: object) -> Message:
            sent.append({"op": op, "id": 1, **fields})
            return await reader.ask(op, **fields)

        await ask("auth", token=venue.token(ALICE))
        await ask("subscribe", channels=[*PUBLIC, *CANDLES])
        await ask("subscribe", channels=["user.orders", "user.balances"], since=1)
        placed = await ask("order.place", **BUY, client_order_id="a-1")
        await ask("order.amend", order_id=placed["result"]["order"]["id"], quantity="0.03")
        await ask("order.cancel", client_order_id="a-1")
        await ask("order.batch", items=[{"op": "place", **BUY}, {"op": "cancel", "order_id": 1}])
        await ask("order.cancel_after", timeout_ms=0)
        await ask("order.cancel_all")
        await ask("order.cancel", order_id=999_999)
        commands = random_commands(4, venue.venue)
        for _ in range(20):
            venue.queue.apply(*islice(commands, 20))
            await ask("ping")
        await ask("resync", channel=PUBLIC[0])
        await ask("unsubscribe", channels=CANDLES)
        await reader.send(op="order.place", **{**BUY, "quantity": "-1"})
        await reader.send(op="nonsense")
        await reader.until(lambda message: message.get("ok") is False)
        venue.revoked.add(f"s{ALICE}")
        await reader.next("user.balances", "closed")
        return reader.received


async def test_every_message_of_a_session_is_described() -> None:
    """Each fits exactly one described message; and each kind that is described did occur."""
    sent: list[Message] = []
    async with WsVenue(WsOptions(pace_ms=1, check_session_ms=10)).serve() as venue:
        with_indicators(venue)
        document = await fetch(venue)
        received = await talk(venue, sent)
    validators = described(document, "send")
    kinds = [fitting(message, validators) for message in received]
    assert [
        (message, kind) for message, kind in zip(received, kinds, strict=True) if len(kind) != 1
    ] == []
    assert {kind[0] for kind in kinds} == {cls.__name__ for cls in SENT}
    taken = described(document, "receive")
    assert [message for message in sent if len(fitting(message, taken)) != 1] == []
    assert {fitting(message, taken)[0] for message in sent} == set(taken)


async def test_the_document_is_whole() -> None:
    """AsyncAPI 3, every reference leads somewhere, every schema is a JSON schema."""
    async with WsVenue().serve() as venue:
        document = await fetch(venue)
    assert document["asyncapi"] == "3.0.0"
    names = set(document["components"]["schemas"])
    assert set(document["components"]["messages"]) <= names
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = msgspec.json.encode(document).decode()
    for reference in text.split('"$ref":"#/components/schemas/')[1:]:
        assert reference.partition('"')[0] in names
