"""Stories of own orders, trades and the other channels: nothing twice, and nothing lost in silence."""

from typing import Any

from tests.sdk.driver import Driver, sent, told
from tests.sdk.scenarios.telling import Scenario, answer, checksum, message, refusal, snapshot


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


def best_levels_are_whole() -> Driver:
    """Each message of a paced channel holds all of its levels; the checksum is over those."""
    name = "orderbook.X-Y.5@100ms"
    driver = Driver()
    driver.subscribe(name)
    driver.start()
    driver.receive(answer(driver.opened(), "subscribe"))
    driver.receive(snapshot() | {"channel": name})
    bids, asks = [["1.25", "1"]], [["1.40", "2"]]
    check = checksum(bids, asks)
    driver.receive(message("update", 8, 7, name, bids=bids, asks=asks, checksum=check))
    assert driver.value(name).bids == [("1.25", "1")]
    assert driver.value(name).asks == [("1.40", "2")]
    return driver


def indicators_are_kept_by_time() -> Driver:
    """Values that changed replace those of the same times; new ones are added."""
    name = "indicators.X-Y.1m.macd"
    driver = Driver(keep=3)
    driver.subscribe(name)
    driver.start()
    driver.receive(answer(driver.opened(), "subscribe"))
    first = {"times": [60, 120, 180], "values": {"a": [None, 1.5, 2], "b": [None, None, 7]}}
    driver.receive(message("snapshot", 5, None, name, interval="1m", **first))
    second = {"times": [180, 240], "values": {"a": [3, 4], "b": [8, 9.25]}}
    driver.receive(message("update", 6, 5, name, interval="1m", **second))
    expected = {"a": [1.5, 3, 4], "b": [None, 8, 9.25]}
    assert driver.value(name) == {"times": [120, 180, 240], "values": expected}
    return driver


SCENARIOS: tuple[Scenario, ...] = (
    private_channels_need_a_token,
    missed_private_messages_are_sent_again,
    private_gap_is_replayed,
    forgotten_replay_is_said,
    ended_session_is_renewed,
    trades_are_told_once,
    rows_are_kept_by_key,
    best_levels_are_whole,
    indicators_are_kept_by_time,
)
