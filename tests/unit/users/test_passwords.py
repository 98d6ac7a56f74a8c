"""Hashing: bcrypt without its 72-byte trap, equal work for nobody's password, a bounded queue."""

import asyncio
import threading
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest

from cse.users import passwords
from cse.users.errors import Overloaded
from cse.users.passwords import NO_PASSWORD, PasswordHasher
from tests.waiting import wait_until_async


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    made = PasswordHasher(4, threads=1, waiting=2)
    yield made
    made.close()


async def test_the_right_password_matches_and_others_do_not(hasher: PasswordHasher) -> None:
    """Salted: two hashes of one password differ, and both match it."""
    first, second = await hasher.hash("correct horse"), await hasher.hash("correct horse")
    assert first != second
    assert await hasher.verify("correct horse", first)
    assert await hasher.verify("correct horse", second)
    assert not await hasher.verify("Correct horse", first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),
        ("x" * 72, "x" * 73),
        ("ж" * 37 + "a", "ж" * 37 + "b"),
        ("abc\0defghij", "abc\0defghik"),
        ("abc\0defghij", "abc"),
        ("x" * 1_024, "x" * 1_023),
    ],
)
async def test_every_byte_of_a_password_counts(
    hasher: PasswordHasher, one: str, other: str
) -> None:
    """Neither byte 73 nor what follows a zero byte is cut off."""
    hashed = await hasher.hash(one)
    assert await hasher.verify(one, hashed)
    assert not await hasher.verify(other, hashed)


@pytest.mark.parametrize("length", [10, 71, 72, 73, 74, 1_024])
async def test_lengths_around_the_limit_of_bcrypt(hasher: PasswordHasher, length: int) -> None:
    """72 bytes go in as they are, 73 as a digest; both come back."""
    assert await hasher.verify("p" * length, await hasher.hash("p" * length))


async def test_an_unknown_user_costs_a_real_check(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no hash to compare, bcrypt still runs, at the current cost, and says no."""
    checked: list[bytes] = []
    real = passwords.bcrypt.checkpw

    def spy(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return real(password, hashed)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", spy)
    assert not await hasher.verify("correct horse", None)
    assert [hashed[:7] for hashed in checked] == [b"$2b$04$"]


async def test_a_hash_of_a_lower_cost_is_outdated(hasher: PasswordHasher) -> None:
    """The cost is read from the hash itself."""
    hashed = await hasher.hash("correct horse")
    assert not hasher.is_outdated(hashed)
    assert PasswordHasher(5).is_outdated(hashed)
    assert not PasswordHasher(4).is_outdated("$2b$12$" + "." * 53), "never make one weaker"


@pytest.mark.parametrize(
    "password", ["correct horse", "p" * 72, "p" * 73, "ж" * 500, "a\0bcdefghij"]
)
async def test_hashes_of_earlier_versions_are_good_and_outdated(
    hasher: PasswordHasher, password: str
) -> None:
    """Those with bcrypt's own mark, of the password or of a plain SHA-256: every byte counts there, too."""
    raw = password.encode()
    plain = raw if len(raw) <= 72 and b"\0" not in raw else b64encode(sha256(raw).digest())
    old = passwords.bcrypt.hashpw(plain, passwords.bcrypt.gensalt(4)).decode()
    assert old.startswith("$2b$04$")
    assert await hasher.verify(password, old)
    assert not await hasher.verify(password + "x", old)
    assert hasher.is_outdated(old)


async def test_a_leaked_digest_of_a_long_password_opens_nothing(hasher: PasswordHasher) -> None:
    """Hashes are marked and of a keyed digest: plain SHA-256, with bcrypt's own mark put back, does not match."""
    password = "p" * 100
    hashed = await hasher.hash(password)
    assert hashed.startswith("$2h$04$")
    assert len(hashed) == 60, "the column holds no more"
    shucked = b64encode(sha256(password.encode()).digest())
    assert not passwords.bcrypt.checkpw(shucked, hashed.replace("$2h$", "$2b$").encode())


async def test_the_queue_is_bounded_and_places_come_back(
    hasher: PasswordHasher, slow_bcrypt: threading.Event
) -> None:
    """One at work and two waiting: the others are refused at once; when they are done there is room again."""
    tasks = [asyncio.create_task(hasher.verify("correct horse", None)) for _ in range(10)]
    await wait_until_async(lambda: sum(task.done() for task in tasks) == 7)
    slow_bcrypt.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(answer is False for answer in answers) == 3
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 7
    assert await hasher.hash("correct horse")


async def test_a_caller_who_leaves_gives_its_place_back_only_when_the_thread_is_done(
    hasher: PasswordHasher, slow_bcrypt: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled callers neither free a thread that is still busy nor lose its place for ever."""
    begun, slow_check = threading.Event(), passwords.bcrypt.checkpw

    def telling(password: bytes, hashed: bytes) -> bool:
        begun.set()
        return slow_check(password, hashed)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", telling)
    task = asyncio.create_task(hasher.verify("correct horse", None))
    await wait_until_async(begun.is_set, what="the thread to be at work")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    waiting = [asyncio.create_task(hasher.verify("correct horse", None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await hasher.verify("correct horse", None)
    slow_bcrypt.set()
    assert await asyncio.gather(*waiting) == [False, False]
    assert await hasher.hash("correct horse")


async def test_the_event_loop_goes_on_while_a_password_is_hashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The work is done in a thread: a hash that waits for the loop's tenth turn comes to its end."""
    hasher = PasswordHasher(4)
    turned, hashpw = threading.Event(), passwords.bcrypt.hashpw

    def waiting_for_the_loop(password: bytes, salt: bytes) -> bytes:
        assert turned.wait(60), "the loop stands still"
        return hashpw(password, salt)

    monkeypatch.setattr(passwords.bcrypt, "hashpw", waiting_for_the_loop)
    task = asyncio.create_task(hasher.hash("correct horse"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    turned.set()
    assert await task
    hasher.close()


async def test_nothing_matches_who_has_no_password() -> None:
    """Whoever joined through another provider: no text is their password, not even what is stored; it is no error."""
    hasher = PasswordHasher(4)
    for attempt in ("", NO_PASSWORD, "any password at all", "\0"):
        assert not await hasher.verify(attempt, NO_PASSWORD)
    hasher.close()
