"""Stories of one order book: it is right, or it is not shown and heals."""

from itertools import pairwise

from tests.sdk.driver import Driver, sent, told
from tests.sdk.scenarios.telling import (
    ASKS,
    BOOK,
    Scenario,
    answer,
    best_bid,
    checksum,
    live,
    message,
    snapshot,
)


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


SCENARIOS: tuple[Scenario, ...] = (
    book_is_kept,
    gap_heals,
    duplicate_changes_nothing,
    reordered_heals,
    wrong_checksum_heals,
    wrong_decimals_heal,
    healing_is_no_storm,
    many_broken_books_take_turns,
    snapshot_without_answer_is_asked_for_again,
    unasked_snapshot_replaces,
    nothing_goes_back_in_time,
    nonsense_is_passed_over,
    old_without_end_is_a_gap,
)
