"""The client without its socket: messages and times go in, actions and the application's events come out.

Nothing here does I/O, reads a clock or rolls dice: the same inputs give the same outputs, in every language.
"""

from typing import Any, Final

from cse_sdk.backoff import Chance, Pacer
from cse_sdk.chain import Message
from cse_sdk.channels import Channels
from cse_sdk.heartbeat import Heartbeat
from cse_sdk.login import Login, Stage
from cse_sdk.options import Counts, Options
from cse_sdk.outbox import Action, Outbox, Request
from cse_sdk.reconnecting import Reconnecting
from cse_sdk.subscription import Subscription


class Protocol:
    """Keeps channels over connections. Call `drain` after each input, and `tick` at `wake_ms`."""

    def __init__(self, options: Options, chance: Chance) -> None:
        """Begin without a connection; `chance` spreads pauses."""
        self.counts: Final = Counts()
        self.state = "closed"
        """Of the connection: closed, connecting, healing, live, stale."""
        self._options: Final = options
        self._outbox: Final = Outbox()
        self._channels: Final = Channels(options, self.counts, chance, self._outbox)
        self._heartbeat: Final = Heartbeat(options, self.counts)
        self._login: Final = Login(options, chance)
        self._link: Final = Reconnecting(options, chance)
        self._pacer: Final = Pacer(options.heal_interval_ms)
        self._why = ""

    # --- what the application wants

    def start(self, now_ms: int) -> None:
        """Begin to connect."""
        self._link.start(now_ms)
        self.tick(now_ms)

    def stop(self, now_ms: int) -> None:
        """End for good."""
        if self._link.up:
            self._outbox.do("close", reason="the application is done")
        self._link.stop()
        self._lose("")
        self._show_state(now_ms)

    def subscribe(self, names: list[str], now_ms: int) -> None:
        """Keep these channels from now on; those that are kept already stay as they are."""
        new = self._channels.add(names)
        if self._link.up:
            self._open(new, now_ms)
        self.tick(now_ms)

    def unsubscribe(self, names: list[str], now_ms: int) -> None:
        """Keep these no longer."""
        gone = [name for name in names if self._channels.remove(name)]
        if gone and self._link.up:
            self._outbox.send("unsubscribe", gone, now_ms)
        self._show_state(now_ms)

    def token(self, token: str | None, now_ms: int) -> None:
        """Take the application's answer to the action `token`; None: it has none now."""
        self._login.came(token, now_ms)
        self.tick(now_ms)

    def get(self, name: str) -> Subscription | None:
        """Return a channel's state if it is right now, else None."""
        found = self._channels.get(name)
        return found if found is not None and found.live else None

    @property
    def channels(self) -> list[str]:
        """Names of the channels that are kept, in the order in which they were asked for."""
        return [subscription.name for subscription in self._channels]

    # --- what the connection brings

    def opened(self, now_ms: int) -> None:
        """Note that the connection is open."""
        self.counts.connections += 1
        self._link.opened(now_ms)
        self._heartbeat.begin(now_ms)
        self._open(list(self._channels), now_ms)
        self.tick(now_ms)

    def closed(self, code: int | None, reason: str, now_ms: int) -> None:
        """Note that the connection is gone, or could not be made (no code)."""
        if self._link.stopped:
            return
        self._link.lost(code, now_ms)
        self._lose(reason or (f"closed with {code}" if code else "no connection"))
        self.tick(now_ms)

    def received(self, message: Any, now_ms: int) -> None:
        """Take in a message of the exchange."""
        if not self._link.up:
            return
        self.counts.messages += 1
        self._heartbeat.heard(now_ms)
        if _is_data(message):
            self._data(message, now_ms)
        elif isinstance(message, dict) and isinstance(message.get("ok"), bool):
            self._answer(message, now_ms)
        elif isinstance(message, dict) and message.get("type") == "closed":
            self._channel_closed(message, now_ms)
        self.tick(now_ms)

    # --- time

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        if self._link.up:
            self._watch(now_ms)
        if self._link.up:
            self._log_in(now_ms)
            self._heal(now_ms)
        if self._link.connect_is_due(now_ms):
            self._outbox.do("connect")
        self._show_state(now_ms)

    def wake_ms(self, now_ms: int) -> int | None:
        """Return when `tick` is to be called if nothing happens before; None: never."""
        if not self._link.up:
            return self._link.due_ms
        times = [self._heartbeat.wake_ms(now_ms), self._login.due_ms]
        for subscription in self._channels.unwell.values():
            times += [subscription.due_ms, subscription.deadline_ms]
        oldest = self._outbox.oldest
        times.append(oldest and oldest.sent_ms + self._options.answer_ms)
        soonest = min(time for time in times if time is not None)
        return max(soonest, self._pacer.next_ms) if soonest <= now_ms else soonest

    def drain(self) -> list[Action]:
        """Return what is to be done, in this order, and forget it."""
        return self._outbox.drain()

    # --- inside: what time makes due

    def _watch(self, now_ms: int) -> None:
        """Give up a connection that is dead or does not answer."""
        oldest = self._outbox.oldest
        if self._heartbeat.dead(now_ms):
            self._give_up("nothing was heard for too long", now_ms)
        elif oldest and now_ms >= oldest.sent_ms + self._options.answer_ms:
            self._give_up(f"no answer to {oldest.op}", now_ms)
        elif self._heartbeat.ping_is_due(now_ms):
            self._outbox.send("ping", [], now_ms)

    def _log_in(self, now_ms: int) -> None:
        login = self._login
        if not any(subscription.private for subscription in self._channels.unwell.values()):
            return
        if not login.is_due(now_ms):
            return
        if login.token is None:
            login.stage = Stage.ASKED
            self._outbox.do("token")
        else:
            login.stage = Stage.SENT
            self._outbox.send("auth", [], now_ms, token=login.token)

    def _heal(self, now_ms: int) -> None:
        for subscription in list(self._channels.unwell.values()):
            if subscription.deadline_ms is not None and now_ms >= subscription.deadline_ms:
                subscription.broken(now_ms, "no snapshot came")
                self._channels.show(subscription)
            if subscription.due_ms is None or now_ms < subscription.due_ms:
                continue
            if subscription.hopeless:
                self._give_up(f"{subscription.name} does not heal: {subscription.why}", now_ms)
                return
            self._ask_again(subscription, now_ms)

    def _ask_again(self, subscription: Subscription, now_ms: int) -> None:
        if subscription.private and self._login.stage is not Stage.IN:
            subscription.due_ms = None  # the log-in opens it
        elif self._pacer.take(now_ms):
            subscription.asked_again(now_ms)
            op = "resync" if subscription.subscribed and not subscription.private else "subscribe"
            self._outbox.send(op, [subscription.name], now_ms, since=subscription.since)

    def _open(self, new: list[Subscription], now_ms: int) -> None:
        """Subscribe public channels, many at once; the log-in opens private ones."""
        public = [subscription for subscription in new if not subscription.private]
        for subscription in public:
            subscription.asked(now_ms)
        names, size = (
            [subscription.name for subscription in public],
            self._options.channels_per_message,
        )
        for begin in range(0, len(names), size):
            self._outbox.send("subscribe", names[begin : begin + size], now_ms)
        if self._login.stage is Stage.IN:
            self._open_private(new, now_ms)

    def _open_private(self, new: list[Subscription], now_ms: int) -> None:
        for subscription in new:
            if subscription.private and not subscription.subscribed:
                subscription.asked(now_ms)
                self._outbox.send(
                    "subscribe", [subscription.name], now_ms, since=subscription.since
                )

    # --- inside: what messages say

    def _data(self, message: Message, now_ms: int) -> None:
        subscription = self._channels.get(message["channel"])
        if subscription is None:
            return
        news = subscription.take(message, now_ms)
        self._channels.show(subscription)
        if news is not None:
            self._outbox.tell(
                "data",
                channel=subscription.name,
                sequence=message["sequence"],
                snapshot=news.snapshot,
                news=news.item,
            )

    def _channel_closed(self, message: Message, now_ms: int) -> None:
        subscription = self._channels.get(message.get("channel"))
        if subscription is None:
            return
        subscription.subscribed = False
        subscription.broken(now_ms, f"{message.get('code', '')}: {message.get('detail', '')}")
        if subscription.private:
            self._login.expired()
        self._channels.show(subscription)

    def _answer(self, message: Message, now_ms: int) -> None:
        request = self._outbox.answered(message.get("id"))
        if not message["ok"]:
            self.counts.refused += 1
            if request is not None:
                self._refused(request, message.get("error") or {}, now_ms)
        elif request is None:
            return
        elif request.op == "ping":
            self._heartbeat.answered(request.sent_ms, now_ms)
        elif request.op == "auth":
            self._login.accepted()
            self._open_private(list(self._channels), now_ms)
        elif request.op == "subscribe":
            for subscription in filter(None, map(self._channels.get, request.channels)):
                subscription.answered(now_ms)
                self._channels.show(subscription)

    def _refused(self, request: Request, error: dict[str, Any], now_ms: int) -> None:
        if request.op == "auth":
            self._login.refused(now_ms)
        if request.op not in {"subscribe", "resync"}:
            return
        for subscription in filter(None, map(self._channels.get, request.channels)):
            self._channel_refused(subscription, request, error, now_ms)

    def _channel_refused(
        self, subscription: Subscription, request: Request, error: dict[str, Any], now_ms: int
    ) -> None:
        """Ask later if that may help, by itself if one bad name refused all, or else end the channel."""
        status, why = error.get("status", 0), f"{error.get('code', '')}: {error.get('detail', '')}"
        later = status == 429 or status >= 500
        if subscription.private and status == 401:
            self._login.expired()
        elif request.op == "subscribe" and len(request.channels) > 1 and not later:
            self._outbox.send("subscribe", [subscription.name], now_ms)
            return
        elif request.op == "subscribe" and (not later or subscription.hopeless):
            self._channels.end(subscription.name, error)
            return
        subscription.subscribed = False
        subscription.broken(now_ms, why, at_once=False)
        self._channels.show(subscription)

    # --- inside: the end of a connection

    def _give_up(self, why: str, now_ms: int) -> None:
        self._outbox.do("close", reason=why)
        self.closed(None, why, now_ms)

    def _lose(self, why: str) -> None:
        self._why = why
        self._outbox.disconnected()
        self._login.disconnected()
        self._channels.disconnected()

    def _show_state(self, now_ms: int) -> None:
        state = self._state(now_ms)
        if state != self.state:
            self.state = state
            self._outbox.tell("connection", state=state, why=self._why)
            self._why = ""

    def _state(self, now_ms: int) -> str:
        if self._link.stopped:
            return "closed"
        if not self._link.up:
            return "connecting"
        if self._heartbeat.stale(now_ms):
            return "stale"
        return "healing" if self._channels.unwell else "live"


def _is_data(message: Any) -> bool:
    """Whether it has the head of a channel's message. Anything else with a channel is its end, or nonsense."""
    if not isinstance(message, dict) or not isinstance(message.get("channel"), str):
        return False
    if not isinstance(message.get("sequence"), int):
        return False
    kind = message.get("type")
    return kind == "snapshot" or (kind == "update" and isinstance(message.get("previous"), int))
