"""The client without its socket: messages and times go in, actions and the application's events come out.

Nothing here does I/O, reads a clock or rolls dice: the same inputs give the same outputs, in every language.
"""

from typing import Any, Final, NamedTuple

from cse_sdk.backoff import Chance, Pacer
from cse_sdk.chain import Message
from cse_sdk.heartbeat import Heartbeat
from cse_sdk.login import Login, Stage
from cse_sdk.options import Counts, Options
from cse_sdk.reconnecting import Reconnecting
from cse_sdk.subscription import ChannelState, Subscription

Action = dict[str, Any]
"""`do` says what: connect, send (`message`), close (`reason`), token, tell (`event`)."""
Event = dict[str, Any]
"""`type` says what: connection, channel, data, ended. sdk/README.md lists their fields."""


class _Request(NamedTuple):
    op: str
    channels: tuple[str, ...]
    sent_ms: int


class Protocol:
    """Keeps channels over connections. Call `drain` after each input, and `tick` at `wake_ms`."""

    def __init__(self, options: Options, chance: Chance) -> None:
        """Begin without a connection; `chance` spreads pauses."""
        self.counts: Final = Counts()
        self.state = "closed"
        """Of the connection: closed, connecting, healing, live, stale."""
        self._options: Final = options
        self._chance: Final = chance
        self._subscriptions: Final[dict[str, Subscription]] = {}
        self._shown: Final[dict[str, ChannelState]] = {}
        self._unwell: Final[dict[str, Subscription]] = {}
        self._requests: Final[dict[int, _Request]] = {}
        self._heartbeat: Final = Heartbeat(options, self.counts)
        self._login: Final = Login(options, chance)
        self._link: Final = Reconnecting(options, chance)
        self._pacer: Final = Pacer(options.heal_interval_ms)
        self._next_id = 0
        self._why = ""
        self._actions: list[Action] = []

    # --- what the application wants

    def start(self, now_ms: int) -> None:
        """Begin to connect."""
        self._link.start(now_ms)
        self.tick(now_ms)

    def stop(self, now_ms: int) -> None:
        """End for good."""
        if self._link.up:
            self._do("close", reason="the application is done")
        self._link.stop()
        self._lose("")
        self._show_state(now_ms)

    def subscribe(self, names: list[str], now_ms: int) -> None:
        """Keep these channels from now on; those that are kept already stay as they are."""
        new = [name for name in dict.fromkeys(names) if name not in self._subscriptions]
        for name in new:
            made = Subscription(name, self._options, self.counts, self._chance)
            self._subscriptions[name] = made
            self._unwell[name] = made
        if self._link.up:
            self._open(new, now_ms)
        self.tick(now_ms)

    def unsubscribe(self, names: list[str], now_ms: int) -> None:
        """Keep these no longer."""
        gone = [name for name in names if self._forget(name)]
        if gone and self._link.up:
            self._send("unsubscribe", gone, now_ms)
        self._show_state(now_ms)

    def token(self, token: str | None, now_ms: int) -> None:
        """Take the application's answer to the action `token`; None: it has none now."""
        self._login.came(token, now_ms)
        self.tick(now_ms)

    def get(self, name: str) -> Subscription | None:
        """Return a channel's state if it is right now, else None."""
        found = self._subscriptions.get(name)
        return found if found is not None and found.live else None

    @property
    def channels(self) -> list[str]:
        """Names of the channels that are kept, in the order in which they were asked for."""
        return list(self._subscriptions)

    # --- what the connection brings

    def opened(self, now_ms: int) -> None:
        """Note that the connection is open."""
        self.counts.connections += 1
        self._link.opened(now_ms)
        self._heartbeat.begin(now_ms)
        self._open(list(self._subscriptions), now_ms)
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
            subscription = self._subscriptions.get(message["channel"])
            if subscription is not None:
                self._data(subscription, message, now_ms)
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
            self._do("connect")
        self._show_state(now_ms)

    def wake_ms(self, now_ms: int) -> int | None:
        """Return when `tick` is to be called if nothing happens before; None: never."""
        if not self._link.up:
            return self._link.due_ms
        times = [self._heartbeat.wake_ms(now_ms), self._login.due_ms]
        times += [time for sub in self._unwell.values() for time in (sub.due_ms, sub.deadline_ms)]
        oldest = next(iter(self._requests.values()), None)
        times.append(oldest and oldest.sent_ms + self._options.answer_ms)
        soonest = min(time for time in times if time is not None)
        return max(soonest, self._pacer.next_ms) if soonest <= now_ms else soonest

    def drain(self) -> list[Action]:
        """Return what is to be done, in this order, and forget it."""
        actions, self._actions = self._actions, []
        return actions

    # --- inside

    def _watch(self, now_ms: int) -> None:
        """Give up a connection that is dead or does not answer."""
        oldest = next(iter(self._requests.values()), None)
        if self._heartbeat.dead(now_ms):
            self._give_up("nothing was heard for too long", now_ms)
        elif oldest and now_ms >= oldest.sent_ms + self._options.answer_ms:
            self._give_up(f"no answer to {oldest.op}", now_ms)
        elif self._heartbeat.ping_is_due(now_ms):
            self._send("ping", [], now_ms)

    def _heal(self, now_ms: int) -> None:
        for subscription in list(self._unwell.values()):
            if subscription.deadline_ms is not None and now_ms >= subscription.deadline_ms:
                subscription.missed_deadline(now_ms)
                self._show(subscription)
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
            self._send(op, [subscription.name], now_ms, since=subscription.since)

    def _open(self, names: list[str], now_ms: int) -> None:
        """Subscribe public channels, many at once; the log-in opens private ones."""
        public = [name for name in names if not self._subscriptions[name].private]
        size = self._options.channels_per_message
        for begin in range(0, len(public), size):
            self._send("subscribe", public[begin : begin + size], now_ms)
        for name in public:
            self._subscriptions[name].asked(now_ms)
        if self._login.stage is Stage.IN:
            self._open_private(names, now_ms)

    def _open_private(self, names: list[str], now_ms: int) -> None:
        for name in names:
            subscription = self._subscriptions[name]
            if subscription.private and not subscription.subscribed:
                subscription.asked(now_ms)
                self._send("subscribe", [name], now_ms, since=subscription.since)

    def _log_in(self, now_ms: int) -> None:
        login = self._login
        if not any(sub.private for sub in self._unwell.values()):
            return
        if login.due_ms is not None and now_ms >= login.due_ms:
            login.due_ms, login.stage = None, Stage.OUT
        if login.stage is not Stage.OUT:
            return
        if login.token is None:
            login.stage = Stage.ASKED
            self._do("token")
        else:
            login.stage = Stage.SENT
            self._send("auth", [], now_ms, token=login.token)

    def _data(self, subscription: Subscription, message: Message, now_ms: int) -> None:
        news = subscription.take(message, now_ms)
        self._show(subscription)
        if news is not None:
            name, sequence = subscription.name, message["sequence"]
            self._tell(
                "data", channel=name, sequence=sequence, snapshot=news.snapshot, news=news.item
            )

    def _channel_closed(self, message: Message, now_ms: int) -> None:
        subscription = self._subscriptions.get(message.get("channel", ""))
        if subscription is None:
            return
        subscription.subscribed = False
        subscription.broken(now_ms, f"{message.get('code')}: {message.get('detail')}")
        if subscription.private:
            self._login.expired()
        self._show(subscription)

    def _answer(self, message: Message, now_ms: int) -> None:
        number = message.get("id")
        request = self._requests.pop(number, None) if isinstance(number, int) else None
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
            self._open_private(list(self._subscriptions), now_ms)
        elif request.op == "subscribe":
            for name in request.channels:
                if name in self._subscriptions:
                    self._subscriptions[name].answered(now_ms)
                    self._show(self._subscriptions[name])

    def _refused(self, request: _Request, error: dict[str, Any], now_ms: int) -> None:
        status, why = error.get("status", 0), f"{error.get('code')}: {error.get('detail')}"
        if request.op == "auth":
            self._login.refused(now_ms)
        for name in request.channels if request.op in {"subscribe", "resync"} else ():
            subscription = self._subscriptions.get(name)
            if subscription is None:
                continue
            later = status == 429 or status >= 500
            if subscription.private and status == 401:
                self._login.expired()
            elif request.op == "subscribe" and len(request.channels) > 1 and not later:
                self._send("subscribe", [name], now_ms)  # one bad name refuses all: each by itself
                continue
            elif request.op == "subscribe" and (not later or subscription.hopeless):
                self._end(name, error)
                continue
            subscription.subscribed = False
            subscription.broken(now_ms, why, at_once=False)
            self._show(subscription)

    def _end(self, name: str, error: dict[str, Any]) -> None:
        self._forget(name)
        self._tell("ended", channel=name, code=error.get("code"), detail=error.get("detail"))

    def _give_up(self, why: str, now_ms: int) -> None:
        self._do("close", reason=why)
        self.closed(None, why, now_ms)

    def _lose(self, why: str) -> None:
        self._why = why
        self._requests.clear()
        self._login.disconnected()
        for subscription in self._subscriptions.values():
            subscription.disconnected()
            self._show(subscription)

    def _forget(self, name: str) -> bool:
        self._unwell.pop(name, None)
        self._shown.pop(name, None)
        return self._subscriptions.pop(name, None) is not None

    def _send(self, op: str, channels: list[str], now_ms: int, **fields: Any) -> None:
        self._next_id += 1
        self._requests[self._next_id] = _Request(op, tuple(channels), now_ms)
        message: dict[str, Any] = {"op": op, "id": self._next_id}
        if op == "resync":
            message["channel"] = channels[0]
        elif channels:
            message["channels"] = channels
        message |= {name: value for name, value in fields.items() if value is not None}
        self._do("send", message=message)

    def _show(self, subscription: Subscription) -> None:
        """Tell the application when a channel's state is another one."""
        name = subscription.name
        if self._shown.get(name) is subscription.state:
            return
        self._shown[name] = subscription.state
        if subscription.live:
            self._unwell.pop(name, None)
        else:
            self._unwell[name] = subscription
        self._tell("channel", channel=name, state=subscription.state.value, why=subscription.why)

    def _show_state(self, now_ms: int) -> None:
        state = self._state(now_ms)
        if state != self.state:
            self.state = state
            self._tell("connection", state=state, why=self._why)
            self._why = ""

    def _state(self, now_ms: int) -> str:
        if self._link.stopped:
            return "closed"
        if not self._link.up:
            return "connecting"
        if self._heartbeat.stale(now_ms):
            return "stale"
        return "healing" if self._unwell else "live"

    def _tell(self, kind: str, **fields: Any) -> None:
        self._do("tell", event={"type": kind, **fields})

    def _do(self, what: str, **fields: Any) -> None:
        self._actions.append({"do": what, **fields})


def _is_data(message: Any) -> bool:
    """Whether it has the head of a channel's message. Anything else with a channel is its end, or nonsense."""
    return (
        isinstance(message, dict)
        and isinstance(message.get("channel"), str)
        and message.get("type") in {"snapshot", "update"}
        and isinstance(message.get("sequence"), int)
        and isinstance(message.get("previous"), int | None)
    )
