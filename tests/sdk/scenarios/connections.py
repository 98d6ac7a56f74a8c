"""Stories of connections: they are made again, watched, and given up."""

from tests.sdk.driver import Driver, sent, told
from tests.sdk.scenarios.telling import (
    BOOK,
    Scenario,
    answer,
    best_bid,
    live,
    refusal,
    snapshot,
)


def pause_after_close(driver: Driver, code: int | None) -> int:
    """How long the client waits before it connects again, in milliseconds."""
    before, did = driver.now, driver.closed(code, "closed")
    while {"do": "connect"} not in did:
        assert driver.now < before + 60_000, "it does not come back"
        did = driver.wait(1)
    return driver.now - before


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


def unsubscribed_is_forgotten() -> Driver:
    """What still comes of a channel that was given up is passed over."""
    driver = live()
    assert [one["op"] for one in sent(driver.unsubscribe(BOOK))] == ["unsubscribe"]
    assert driver.receive(best_bid(8, 7, "6")) == []
    assert driver.value(BOOK) is None
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
    reconnects_and_keeps_channels,
    restart_is_spread,
    too_slow_comes_back_later,
    silence_is_noticed,
    unanswered_is_given_up,
    one_bad_name_of_many_is_ended,
    busy_exchange_is_asked_later,
    unsubscribed_is_forgotten,
    stopped_is_closed,
)
