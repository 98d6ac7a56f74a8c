"""A client without a socket, with time by hand; all that goes in and comes out can be kept as a vector."""

import json
from collections.abc import Callable
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

from cse_sdk.book import BookView
from cse_sdk.options import Options
from cse_sdk.outbox import Action
from cse_sdk.protocol import Protocol

VECTORS = Path(__file__).parents[2] / "sdk" / "vectors"
CHANCES = (0.5, 0.0, 0.25, 0.75)
"""What stands for chance, over and over: exact in every language."""


class Driver:
    """Calls a Protocol and writes down what it does."""

    def __init__(self, **options: int) -> None:
        self.now = 1_000
        self.options = options
        self.protocol = Protocol(Options(**options), cycle(CHANCES).__next__)
        self.steps: list[dict[str, Any]] = []
        self.answers_pings = True
        self.on_action: Callable[[Action], None] | None = None

    def start(self) -> list[Action]:
        return self._step("start", self.protocol.start)

    def stop(self) -> list[Action]:
        return self._step("stop", self.protocol.stop)

    def subscribe(self, *names: str) -> list[Action]:
        return self._step("subscribe", self.protocol.subscribe, list(names))

    def unsubscribe(self, *names: str) -> list[Action]:
        return self._step("unsubscribe", self.protocol.unsubscribe, list(names))

    def token(self, token: str | None) -> list[Action]:
        return self._step("token", self.protocol.token, token)

    def opened(self) -> list[Action]:
        return self._answering(self._step("opened", self.protocol.opened))

    def closed(self, code: int | None = None, reason: str = "") -> list[Action]:
        return self._step("closed", self.protocol.closed, code, reason)

    def receive(self, message: Any) -> list[Action]:
        return self._step("received", self.protocol.received, message)

    def wait(self, ms: int) -> list[Action]:
        """Let time pass, with a tick whenever the client wants one; returns all that it did."""
        until, did = self.now + ms, []
        while (wake := self.protocol.wake_ms(self.now)) is not None and wake <= until:
            self.now = max(wake, self.now)
            did += self._answering(self._step("tick", self.protocol.tick))
        self.now = until
        return did

    def _answering(self, actions: list[Action]) -> list[Action]:
        """Answer the pings among these, as the exchange would at once."""
        sent = [action["message"] for action in actions if action["do"] == "send"]
        pings = [message["id"] for message in sent if message["op"] == "ping"]
        for number in pings if self.answers_pings else ():
            actions = actions + self.receive({"id": number, "ok": True, "time": 1})
        return actions

    def _step(self, name: str, call: Callable[..., None], *arguments: Any) -> list[Action]:
        call(*arguments, self.now)
        actions = self.protocol.drain()
        step = {"at": self.now, "do": name, "with": list(arguments), "out": actions}
        self.steps.append(json.loads(json.dumps(step)))
        self.steps[-1]["wake"] = self.protocol.wake_ms(self.now)
        if self.on_action is not None:
            for action in actions:
                self.on_action(action)
        return actions

    def value(self, name: str) -> Any:
        """What is kept of a channel, None while it is not right."""
        found = self.protocol.get(name)
        return None if found is None else found.fold.value()

    def vector(self, name: str, about: str) -> dict[str, Any]:
        """All of it, as the other language's tests read it."""
        values = {channel: self.value(channel) for channel in self.protocol.channels}
        shown = {
            channel: value._asdict() if isinstance(value, BookView) else value
            for channel, value in values.items()
        }
        whole = {
            "name": name,
            "about": about,
            "options": self.options,
            "chances": CHANCES,
            "steps": self.steps,
            "state": self.protocol.state,
            "values": shown,
            "counts": asdict(self.protocol.counts),
        }
        return json.loads(json.dumps(whole))


def sent(actions: list[Action]) -> list[dict[str, Any]]:
    """The messages that actions send, without pings."""
    messages = [action["message"] for action in actions if action["do"] == "send"]
    return [message for message in messages if message["op"] != "ping"]


def told(actions: list[Action], kind: str) -> list[dict[str, Any]]:
    """The events of one kind that actions tell."""
    events = [action["event"] for action in actions if action["do"] == "tell"]
    return [event for event in events if event["type"] == kind]
