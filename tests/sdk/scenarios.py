"""Short stories of one client, each about one promise. They are also the vectors of the other language.

The book of all of them has one market; `book_message` makes its messages with the right checksum.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zlib import crc32

from tests.sdk.driver import Driver, sent, told

BOOK = "orderbook.X-Y"
BIDS = [["1.20", "5"], ["1.10", "1"]]
ASKS = [["1.30", "2"]]
Scenario = Callable[[], Driver]


def checksum(bids: list[list[str]], asks: list[list[str]]) -> int:
    levels = [*bids[:10], *asks[:10]]
    return crc32("|".join(":".join(level) for level in levels).encode())


def message(
    kind: str, sequence: int, previous: int | None, channel: str = BOOK, **fields: Any
) -> dict[str, Any]:
    head = {"channel": channel, "type": kind, "sequence": sequence, "previous": previous}
    return {**head, "time": 1_700_000_000_000 + sequence, **fields}


def snapshot(sequence: int = 7, bids: Any = BIDS, asks: Any = ASKS) -> dict[str, Any]:
    check = checksum(bids, asks)
    return message("snapshot", sequence, None, bids=bids, asks=asks, checksum=check)


def best_bid(
    sequence: int, previous: int, quantity: str, check: int | None = None
) -> dict[str, Any]:
    """An update that sets what stands at 1.20."""
    bids = [["1.20", quantity], *BIDS[1:]]
    check = checksum(bids, ASKS) if check is None else check
    changed = [["1.20", quantity]]
    return message("update", sequence, previous, bids=changed, asks=[], checksum=check)


def answer(actions: list[Any], op: str, **fields: Any) -> dict[str, Any]:
    """The answer to the first message of this kind in actions."""
    asked = next(one for one in sent(actions) if one["op"] == op)
    return {"id": asked["id"], "ok": True, **fields}


def refusal(actions: list[Any], op: str, status: int, code: str) -> dict[str, Any]:
    error = {"status": status, "code": code, "detail": "no", "title": "No"}
    return {**answer(actions, op), "ok": False, "error": error}


def live(*channels: str, **options: int) -> Driver:
    """A client with a good book (sequence 7)."""
    driver = Driver(**options)
    driver.subscribe(*(channels or (BOOK,)))
    driver.start()
    asked = driver.opened()
    driver.receive(answer(asked, "subscribe"))
    driver.receive(snapshot())
    return driver


def book_is_kept() -> Driver:
    """Snapshot and updates make the book; levels are in the order of their values."""
    driver = live()
    assert driver.protocol.state == "live"
    bids = [["10.00", "3"], ["1.20", "5"], ["1.10", "1"], ["0.90", "7"]]
    new = [["0.90", "7"], ["10.00", "3"]]
    asks: list[list[str]] = []
    check = checksum(bids, asks)
    driver.receive(message("update", 9, 7, bids=new, asks=[["1.30", "0"]], checksum=check))
    book = driver.value(BOOK)
    assert [list(level) for level in book.bids] == bids
    assert (book.asks, book.sequence, book.time_ms) == ([], 9, 1_700_000_000_009)
    return driver


def gap_heals() -> Driver:
    """After a gap there is no book until the snapshot that is asked for at once; late updates are passed over."""
    driver = live()
    did = driver.receive(best_bid(12, 9, "6"))
    assert driver.value(BOOK) is None
    assert driver.protocol.state == "healing"
    assert sent(did) == [{"op": "resync", "id": sent(did)[0]["id"], "channel": BOOK}]
    driver.receive(best_bid(13, 12, "7"))
    assert driver.value(BOOK) is None
    driver.receive(answer(did, "resync"))
    driver.receive(snapshot(13))
    assert driver.value(BOOK).sequence == 13
    assert driver.protocol.state == "live"
    assert (driver.protocol.counts.gaps, driver.protocol.counts.resyncs) == (1, 1)
    return driver


def duplicate_changes_nothing() -> Driver:
    """A message that comes twice, or late, is counted and passed over."""
    driver = live()
    update = best_bid(8, 7, "6")
    driver.receive(update)
    assert driver.receive(update) == []
    driver.receive(best_bid(9, 8, "4"))
    assert driver.receive(update) == []
    assert driver.value(BOOK).bids[0] == ("1.20", "4")
    assert driver.protocol.counts.old == 2
    return driver


def reordered_heals() -> Driver:
    """Two messages in the wrong order are a gap: nothing is guessed."""
    driver = live()
    driver.receive(best_bid(9, 8, "4"))
    driver.receive(best_bid(8, 7, "6"))
    assert driver.value(BOOK) is None
    driver.receive(snapshot(9))
    assert driver.value(BOOK).sequence == 9
    return driver


def wrong_checksum_heals() -> Driver:
    """A book with another checksum than the exchange's is not handed out."""
    driver = live()
    did = driver.receive(best_bid(8, 7, "6", check=1))
    assert driver.value(BOOK) is None
    assert [one["op"] for one in sent(did)] == ["resync"]
    driver.receive(snapshot(8))
    assert driver.value(BOOK) is not None
    assert driver.protocol.counts.wrong_checksums == 1
    return driver


def wrong_decimals_heal() -> Driver:
    """A price that cannot be put in order among the others, or is none, breaks the book."""
    driver = live()
    for sequence, price in ((8, "1.205"), (9, "-1.20"), (10, "1e5"), (11, "")):
        driver.receive(
            message("update", sequence, sequence - 1, bids=[[price, "1"]], asks=[], checksum=0)
        )
        assert driver.value(BOOK) is None
        driver.receive(snapshot(sequence))
        assert driver.value(BOOK) is not None
    return driver


def healing_is_no_storm() -> Driver:
    """A book that does not heal is asked for ever more seldom, and at last the connection is made anew."""
    driver = live(heal_limit=4)
    times = []
    did = driver.receive(best_bid(9, 8, "4"))
    while not any(action["do"] == "close" for action in did):
        if any(one["op"] == "resync" for one in sent(did)):
            times.append(driver.now)
            driver.receive(message("snapshot", 9, None, bids=[], asks=[], checksum=1))
        did = driver.wait(10)
    pauses = [after - before for before, after in pairwise(times)]
    assert len(times) == 4
    assert pauses == sorted(pauses)
    assert pauses[0] >= 100
    assert driver.protocol.state == "connecting"
    return driver


def many_broken_books_take_turns() -> Driver:
    """When all books break at once, resyncs go out one after the other at a pace."""
    names = [f"orderbook.M{number}-Y" for number in range(10)]
    driver = Driver(heal_interval_ms=50)
    driver.subscribe(*names)
    driver.start()
    driver.receive(answer(driver.opened(), "subscribe"))
    for name in names:
        driver.receive(snapshot() | {"channel": name})
    did = [driver.receive(best_bid(9, 8, "4") | {"channel": name}) for name in names]
    assert sum(len(sent(one)) for one in did) == 1
    assert len(sent(driver.wait(100))) == 2
    assert len(sent(driver.wait(1_000))) == 7
    return driver


def snapshot_without_answer_is_asked_for_again() -> Driver:
    """A resync whose snapshot does not come is sent again."""
    driver = live(answer_ms=3_000)
    did = driver.receive(best_bid(9, 8, "4"))
    driver.receive(answer(did, "resync"))
    again = driver.wait(3_500)
    assert [one["op"] for one in sent(again)] == ["resync"]
    return driver


def unasked_snapshot_replaces() -> Driver:
    """A slow reader is sent a snapshot it did not ask for, with newer content."""
    driver = live()
    driver.receive(snapshot(40, bids=[["2.00", "1"]]))
    assert driver.value(BOOK).bids == [("2.00", "1")]
    driver.receive(
        message(
            "update",
            41,
            40,
            bids=[["2.00", "2"]],
            asks=[],
            checksum=checksum([["2.00", "2"]], ASKS),
        )
    )
    assert driver.value(BOOK).sequence == 41
    return driver


def nothing_goes_back_in_time() -> Driver:
    """A snapshot that is older than the book is shown once its updates have led past the book."""
    driver = live()
    driver.receive(best_bid(9, 7, "6"))
    driver.receive(snapshot(7))
    assert driver.value(BOOK) is None
    assert driver.protocol.state == "healing"
    driver.receive(best_bid(8, 7, "8"))
    assert driver.value(BOOK) is None
    assert told(driver.receive(best_bid(9, 8, "6")), "data")
    assert driver.value(BOOK).sequence == 9
    assert driver.protocol.counts.resyncs == 0
    return driver


def reconnects_and_keeps_channels() -> Driver:
    """A lost connection is made again, ever later while that fails; then everything is subscribed again."""
    driver = live()
    pauses = [pause_after_close(driver, 1006)]
    assert driver.value(BOOK) is None
    pauses += [pause_after_close(driver, None) for _ in range(8)]
    assert pauses[0] <= 250
    assert 7_500 <= pauses[-1] <= 15_000
    did = driver.opened()
    assert [one["channels"] for one in sent(did)] == [[BOOK]]
    driver.receive(snapshot(3))
    assert driver.value(BOOK).sequence == 3
    return driver


def pause_after_close(driver: Driver, code: int | None) -> int:
    """How long the client waits before it connects again, in milliseconds."""
    before, did = driver.now, driver.closed(code, "closed")
    while {"do": "connect"} not in did:
        assert driver.now < before + 60_000, "it does not come back"
        did = driver.wait(1)
    return driver.now - before


def restart_is_spread() -> Driver:
    """After 1012 clients come back soon, at random within a second, not all at once."""
    driver = live(steady_ms=0, restart_spread_ms=1_000)
    pauses = []
    for _ in range(4):
        pauses.append(pause_after_close(driver, 1012))
        driver.opened()
    assert max(pauses) <= 1_000
    assert len(set(pauses)) == 4
    return driver


def too_slow_comes_back_later() -> Driver:
    """A client that was closed for what it did waits longer before it comes back."""
    driver = live()
    assert 1_000 <= pause_after_close(driver, 4008) <= 2_000
    return driver


def silence_is_noticed() -> Driver:
    """Pings measure latency; silence makes the connection stale, and then it is given up."""
    driver = live(ping_ms=5_000, stale_ms=10_000, dead_ms=20_000, answer_ms=60_000)
    driver.answers_pings = False
    did = driver.wait(5_000)
    pings = [action["message"] for action in did if action["do"] == "send"]
    driver.now += 30
    driver.receive({"id": pings[-1]["id"], "ok": True, "time": 1})
    assert driver.protocol.counts.latency_ms == 30
    driver.wait(10_000)
    assert driver.protocol.state == "stale"
    driver.receive(best_bid(8, 7, "6"))
    assert driver.protocol.state == "live"
    did = driver.wait(20_000)
    assert {"do": "close", "reason": "nothing was heard for too long"} in did
    assert driver.protocol.state == "connecting"
    return driver


def unanswered_is_given_up() -> Driver:
    """A subscribe without an answer ends the connection."""
    driver = Driver(answer_ms=4_000)
    driver.subscribe(BOOK)
    driver.start()
    driver.opened()
    did = driver.wait(4_000)
    assert {"do": "close", "reason": "no answer to subscribe"} in did
    return driver


def one_bad_name_of_many_is_ended() -> Driver:
    """All of a list are refused for one of them: each is asked for by itself, and only that one ends."""
    driver = Driver()
    driver.subscribe(BOOK, "trades.NO-SUCH")
    driver.start()
    asked = driver.opened()
    did = driver.receive(refusal(asked, "subscribe", 404, "not_found"))
    alone = sent(did)
    assert [one["channels"] for one in alone] == [[BOOK], ["trades.NO-SUCH"]]
    driver.receive({"id": alone[0]["id"], "ok": True})
    driver.receive(snapshot())
    no = {"status": 404, "code": "not_found", "detail": "no"}
    did = driver.receive({"id": alone[1]["id"], "ok": False, "error": no})
    assert told(did, "ended") == [
        {"type": "ended", "channel": "trades.NO-SUCH", "code": "not_found", "detail": "no"}
    ]
    assert driver.protocol.state == "live"
    return driver


def busy_exchange_is_asked_later() -> Driver:
    """A subscription that is refused for now (429, 5xx) is asked for again after a pause."""
    driver = Driver()
    driver.subscribe(BOOK)
    driver.start()
    did = driver.opened()
    for _ in range(3):
        assert sent(driver.receive(refusal(did, "subscribe", 429, "rate_limited"))) == []
        did = driver.wait(2_000)
        assert [one["op"] for one in sent(did)] == ["subscribe"]
    driver.receive(answer(did, "subscribe"))
    driver.receive(snapshot())
    assert driver.protocol.state == "live"
    return driver


def private_channels_need_a_token() -> Driver:
    """The application is asked for a token; one that is refused is asked for again after a pause."""
    driver = Driver()
    driver.subscribe("user.orders")
    driver.start()
    assert {"do": "token"} in driver.opened()
    did = driver.token("old")
    did = driver.receive(refusal(did, "auth", 401, "not_authenticated"))
    assert {"do": "token"} not in did
    assert {"do": "token"} in driver.wait(1_000)
    did = driver.receive(answer(driver.token("new"), "auth"))
    assert [(one["op"], one["channels"]) for one in sent(did)] == [("subscribe", ["user.orders"])]
    driver.receive(answer(did, "subscribe"))
    driver.receive(message("snapshot", 5, None, "user.orders", orders=[], fills=[]))
    assert driver.protocol.state == "live"
    return driver


def fill(trade_id: int, order_id: int = 1) -> dict[str, Any]:
    return {"trade_id": trade_id, "order_id": order_id, "price": "1.20", "quantity": "1"}


def order(number: int, status: str) -> dict[str, Any]:
    return {"id": number, "status": status, "price": "1.20"}


def logged_in() -> Driver:
    """A client with own orders at sequence 5."""
    driver = Driver()
    driver.subscribe("user.orders")
    driver.start()
    driver.opened()
    did = driver.receive(answer(driver.token("t"), "auth"))
    driver.receive(answer(did, "subscribe"))
    driver.receive(message("snapshot", 5, None, "user.orders", orders=[order(1, "open")], fills=[]))
    return driver


def missed_private_messages_are_sent_again() -> Driver:
    """After a lost connection own orders go on from the last one seen; a fill is told once."""
    driver = logged_in()
    first = message(
        "update", 8, 5, "user.orders", orders=[order(1, "partially_filled")], fills=[fill(1)]
    )
    driver.receive(first)
    driver.closed(1006, "lost")
    driver.wait(250)
    did = driver.receive(answer(driver.opened(), "auth"))
    assert [one["since"] for one in sent(did)] == [8]
    driver.receive(first)
    driver.receive(answer(did, "subscribe"))
    missed = message(
        "update", 9, 8, "user.orders", orders=[order(1, "filled")], fills=[fill(1), fill(2)]
    )
    (news,) = told(driver.receive(missed), "data")
    assert [one["trade_id"] for one in news["news"]["fills"]] == [2]
    assert news["news"]["missed"] is False
    assert driver.value("user.orders") == {"orders": [], "fills": [fill(1), fill(2)]}
    return driver


def private_gap_is_replayed() -> Driver:
    """A gap in own orders is filled by `since`, not by a snapshot, which has no fills."""
    driver = logged_in()
    did = driver.receive(message("update", 9, 8, "user.orders", orders=[], fills=[fill(2)]))
    (again,) = sent(did)
    assert (again["op"], again["since"]) == ("subscribe", 5)
    assert driver.value("user.orders") is None
    for sequence, previous, number in ((8, 5, 1), (9, 8, 2)):
        driver.receive(
            message("update", sequence, previous, "user.orders", orders=[], fills=[fill(number)])
        )
    assert [one["trade_id"] for one in driver.value("user.orders")["fills"]] == [1, 2]
    return driver


def forgotten_replay_is_said() -> Driver:
    """When the exchange does not know any more what came after, its snapshot is marked: something may be missed."""
    driver = logged_in()
    driver.closed(1012, "restarts")
    driver.wait(1_000)
    did = driver.receive(answer(driver.opened(), "auth"))
    driver.receive(answer(did, "subscribe"))
    (news,) = told(
        driver.receive(message("snapshot", 30, None, "user.orders", orders=[], fills=[])), "data"
    )
    assert news["news"]["missed"] is True
    assert driver.protocol.counts.missed == 1
    return driver


def ended_session_is_renewed() -> Driver:
    """When the session ends the application is asked for a new token, and nothing is lost."""
    driver = logged_in()
    closed = {
        "channel": "user.orders",
        "type": "closed",
        "code": "not_authenticated",
        "detail": "over",
    }
    assert {"do": "token"} in driver.receive(closed)
    assert driver.value("user.orders") is None
    did = driver.receive(answer(driver.token("t2"), "auth"))
    assert [(one["op"], one["since"]) for one in sent(did)] == [("subscribe", 5)]
    driver.receive(answer(did, "subscribe"))
    assert driver.protocol.state == "live"
    return driver


def trade(number: int) -> dict[str, Any]:
    return {"trade_id": number, "price": "1.20", "quantity": "1"}


def trades_are_told_once() -> Driver:
    """Of a snapshot after a gap only new trades are told, and whether some are missing in between."""
    name = "trades.X-Y"
    driver = Driver()
    driver.subscribe(name)
    driver.start()
    driver.receive(answer(driver.opened(), "subscribe"))
    driver.receive(message("snapshot", 5, None, name, trades=[trade(1), trade(2)]))
    driver.receive(message("update", 9, 8, name, trades=[trade(4)]))
    (news,) = told(
        driver.receive(message("snapshot", 9, None, name, trades=[trade(2), trade(3), trade(4)])),
        "data",
    )
    assert news["news"] == {"trades": [trade(3), trade(4)], "missed": False}
    driver.receive(message("update", 20, 19, name, trades=[trade(9)]))
    (news,) = told(
        driver.receive(message("snapshot", 20, None, name, trades=[trade(8), trade(9)])), "data"
    )
    assert news["news"] == {"trades": [trade(8), trade(9)], "missed": True}
    assert [one["trade_id"] for one in driver.value(name)] == [8, 9]
    return driver


def rows_are_kept_by_key() -> Driver:
    """Candles, balances, all tickers and markets' status keep the newest of each row."""
    names = ("candles.X-Y.1m", "tickers", "status", "ticker.X-Y", "bbo.X-Y")
    driver = Driver(keep=2)
    driver.subscribe(*names)
    driver.start()
    driver.receive(answer(driver.opened(), "subscribe"))
    candles = [{"time": time, "close": "1"} for time in (60, 120, 180)]
    driver.receive(message("snapshot", 5, None, names[0], interval="1m", candles=candles[:2]))
    new = [{"time": 120, "close": "2"}, candles[2]]
    driver.receive(message("update", 6, 5, names[0], interval="1m", candles=new))
    assert driver.value(names[0]) == new
    for name, field in (("tickers", "tickers"), ("status", "markets")):
        rows = [{"market": market, "n": 1} for market in ("B-Y", "A-Y")]
        driver.receive(message("snapshot", 5, None, name, **{field: rows}))
        driver.receive(message("update", 6, 5, name, **{field: [{"market": "B-Y", "n": 2}]}))
        assert driver.value(name) == [{"market": "A-Y", "n": 1}, {"market": "B-Y", "n": 2}]
    driver.receive(message("snapshot", 5, None, names[3], ticker={"last": "1"}))
    driver.receive(message("update", 5, 5, names[3], ticker={"last": "2"}))
    assert driver.value(names[3]) == {"ticker": {"last": "2"}}
    return driver


def unsubscribed_is_forgotten() -> Driver:
    """What still comes of a channel that was given up is passed over."""
    driver = live()
    assert [one["op"] for one in sent(driver.unsubscribe(BOOK))] == ["unsubscribe"]
    assert driver.receive(best_bid(8, 7, "6")) == []
    assert driver.value(BOOK) is None
    return driver


def nonsense_is_passed_over() -> Driver:
    """Frames that are no message of the contract change nothing; one that has a part missing breaks its channel."""
    driver = live()
    for nonsense in (None, 5, "x", [], {}, {"channel": BOOK}, {"channel": BOOK, "type": "update"}):
        driver.receive(nonsense)
    assert driver.value(BOOK).sequence == 7
    driver.receive(message("update", 8, 7))
    assert driver.value(BOOK) is None
    return driver


def old_without_end_is_a_gap() -> Driver:
    """When everything seems old it is our own number that is wrong: the channel is asked for again."""
    driver = live()
    driver.receive(best_bid(1_000_000, 7, "6"))
    for sequence in range(8, 40):
        assert driver.receive(best_bid(sequence, sequence - 1, "6")) == []
    assert [one["op"] for one in sent(driver.receive(best_bid(40, 39, "6")))] == ["resync"]
    return driver


def stopped_is_closed() -> Driver:
    """After the end nothing is sent or wanted any more."""
    driver = live()
    assert {"do": "close", "reason": "the application is done"} in driver.stop()
    assert driver.protocol.state == "closed"
    assert driver.protocol.wake_ms(driver.now) is None
    assert driver.wait(60_000) == []
    assert driver.receive(best_bid(8, 7, "6")) == []
    return driver


SCENARIOS: tuple[Scenario, ...] = (
    book_is_kept, gap_heals, duplicate_changes_nothing, reordered_heals, wrong_checksum_heals,
    wrong_decimals_heal, healing_is_no_storm, many_broken_books_take_turns,
    snapshot_without_answer_is_asked_for_again, unasked_snapshot_replaces, nothing_goes_back_in_time,
    reconnects_and_keeps_channels, restart_is_spread, too_slow_comes_back_later, silence_is_noticed,
    unanswered_is_given_up, one_bad_name_of_many_is_ended, busy_exchange_is_asked_later,
    private_channels_need_a_token, missed_private_messages_are_sent_again, private_gap_is_replayed,
    forgotten_replay_is_said, ended_session_is_renewed, trades_are_told_once, rows_are_kept_by_key,
    unsubscribed_is_forgotten, nonsense_is_passed_over, old_without_end_is_a_gap, stopped_is_closed,
)  # fmt: skip
