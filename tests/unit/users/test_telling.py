"""Who is told what of which record: one catalogue, each act once, and log-ins from new places only."""

from collections.abc import Sequence

import pytest

from cse.users.audit import Act, AuditAct
from cse.users.audit_log import AuditFilter, AuditRecord, Head, next_record
from cse.users.mail import MAX_SUBJECT, MAX_TEXT, letter
from cse.users.model import NewUser
from cse.users.notices import Notice, NoticeKind, Notices
from cse.users.telling.catalogue import Told, told_of
from cse.users.telling.teller import NEW_PLACES, PAGE, Teller
from tests.unit.users.people import World

NOW = 1_700_000_000_000


class Log:
    """An audit log in a list."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    def add(
        self, act: Act, what: str = "user:1", actor: str = "user:1", ip: str = "", **after: object
    ) -> AuditRecord:
        done = AuditAct(act=act, actor=actor, object=what, after=after, ip=ip)  # type: ignore[arg-type]  # facts
        head = Head(len(self.records), b"")
        self.records.append(next_record(head, done, NOW))
        return self.records[-1]

    async def after(self, number: int, limit: int) -> Sequence[AuditRecord]:
        return self.records[number : number + limit]

    async def search(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[AuditRecord]:
        fits = [
            each
            for each in self.records[: (before or 0) - 1]
            if (each.act, each.actor) == (wanted.act, wanted.actor)
        ]
        return fits[::-1][:limit]

    async def head(self) -> Head:
        return Head(len(self.records), b"")


class Store:
    """How far people were told, and the letters."""

    def __init__(self) -> None:
        self.at = 0
        self.letters: list[tuple[int, bytes]] = []

    async def position(self) -> int:
        return self.at

    async def advance(
        self, before: int, after: int, letters: Sequence[tuple[int, bytes]], at_ms: int
    ) -> int | None:
        assert at_ms > 0
        if self.at != before:
            return None
        self.at = after
        self.letters += letters
        return len(letters)


class Bench:
    """A teller of a log whose letters are not sealed: their subjects stand in the store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.store = Log(), Store()
        self.core = World().assemble().core

        async def sealed(user_id: int, notice: Notice) -> bytes:
            letter(f"{user_id}@example.com", notice.subject, notice.text)
            return f"{notice.subject}: {notice.text}".encode()

        monkeypatch.setattr(self.core.notices, "sealed", sealed)
        self.teller = Teller(self.log, self.store, self.core)

    async def told(self) -> list[tuple[int, str]]:
        self.store.letters.clear()
        await self.teller.tell_new()
        return [(user_id, text.decode()) for user_id, text in self.store.letters]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


@pytest.mark.parametrize(
    ("act", "after", "words"),
    [
        (Act.PASSWORD_CHANGED, {}, "password of your account was changed"),
        (Act.FACTOR_ADDED, {"kind": "totp"}, "authenticator was added"),
        (Act.FACTOR_REMOVED, {"kind": "totp"}, "recovery codes were removed"),
        (Act.RECOVERY_CODES_MADE, {"recovery_codes": 10}, "New recovery codes"),
        (Act.RECOVERY_CODE_USED, {"codes_left": 7}, "7 are left"),
        (Act.KEY_MADE, {"kind": "hmac-sha256"}, "API key was made"),
        (Act.KEY_ROTATED, {}, "was replaced"),
        (Act.KEY_REVOKED, {}, "was deleted"),
        (Act.REFRESH_REUSED, {}, "somebody may have a copy"),
        (Act.DATA_EXPORTED, {}, "export"),
    ],
)
async def test_what_changes_who_gets_in_is_told(
    bench: Bench, act: Act, after: dict[str, object], words: str
) -> None:
    """One letter for each act, to whoever did it, with where it came from; never a second one."""
    what = "api_key:abc" if "key" in act.value else "user:1"
    bench.log.add(act, what, "user:1", "203.0.113.9", **after)
    [(user_id, text)] = await bench.told()
    assert user_id == 1
    assert words in text
    assert "203.0.113.9" in text
    assert await bench.told() == []


async def test_roles_are_told_to_whom_they_are_given_without_the_giver(bench: Bench) -> None:
    """Not to staff who did it, and not where staff sits."""
    bench.log.add(Act.ROLE_GRANTED, "user:2", "user:1", ip="10.0.0.1", roles=["risk", "support"])
    [(user_id, text)] = await bench.told()
    assert (user_id, "risk, support" in text, "10.0.0.1" in text) == (2, True, False)


async def test_what_is_told_elsewhere_or_is_nobodys_is_not_told_here(bench: Bench) -> None:
    """Passkeys and resets have letters of their own; refusals, log-outs and machines are no news."""
    bench.log.add(Act.FACTOR_ADDED, kind="passkey")
    bench.log.add(Act.PASSWORD_RESET)
    bench.log.add(Act.LOG_OUT)
    bench.log.add(Act.LOG_IN_REFUSED)
    bench.log.add(Act.KEY_MADE, "api_key:x", "machine:shell")
    bench.log.add(Act.KEY_MADE, "api_key:x", "user:x")
    assert await bench.told() == []
    assert bench.store.at == 6


async def test_a_log_in_from_a_new_network_is_told_and_an_old_one_is_not(bench: Bench) -> None:
    """The first log-in ever is no news; neighbours in a network are one place; other people's do not count."""

    def log_in(ip: str, who: str = "user:1") -> None:
        bench.log.add(Act.LOG_IN, "session:1", who, ip, user_agent="Browser\u00e9/1.0")

    log_in("198.51.100.7", "user:2")
    log_in("203.0.113.9")
    log_in("203.0.113.200")
    log_in("")
    assert await bench.told() == []
    log_in("198.51.100.7")
    log_in("2001:db8:1:2::9")
    first, second = await bench.told()
    assert "198.51.100.7" in first[1]
    assert "2001:db8:1:2::9" in second[1]
    log_in("2001:db8:1:3::1")
    assert await bench.told() == []


async def test_new_places_are_told_a_few_times_an_hour(bench: Bench) -> None:
    """Whoever wanders does not fill a mailbox."""
    for number in range(NEW_PLACES + 5):
        bench.log.add(Act.LOG_IN, "session:1", ip=f"203.0.{number}.1", user_agent="x")
    assert len(await bench.told()) == NEW_PLACES


async def test_pages_follow_each_other(bench: Bench) -> None:
    """What does not fit into one page is told with the next."""
    for _ in range(PAGE + 1):
        bench.log.add(Act.KEY_REVOKED)
    assert [len(await bench.told()) for _ in range(3)] == [PAGE, 1, 0]


async def test_whoever_comes_second_tells_nothing(bench: Bench) -> None:
    """Two gateways read the same page: the store lets one of them on."""
    bench.log.add(Act.KEY_REVOKED)
    position = bench.store.position

    async def stale() -> int:
        found = await position()
        bench.store.at = 1
        return found

    bench.store.position = stale  # type: ignore[method-assign]  # another gateway is quicker
    assert await bench.told() == []


def test_every_letter_of_the_catalogue_can_be_sent() -> None:
    """Whatever the facts hold, and with the longest address."""
    log = Log()
    for act in Act:
        for after in ({}, {"kind": "totp"}, {"roles": ["x" * 16] * 6, "codes_left": 3}):
            record = log.add(act, ip="2001:db8:1111:2222:3333:4444:5555:6666", **after)
            told = told_of(record)
            if isinstance(told, Told):
                made = letter("a@example.com", told.notice.subject, told.notice.text)
                assert len(made.subject) <= MAX_SUBJECT
                assert len(made.text) <= MAX_TEXT // 2
                assert told.notice.kind is NoticeKind.SECURITY


async def test_kinds_that_are_not_wanted_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security letters come whatever was chosen; the others only if they were not turned off."""
    world = World()
    core = world.assemble().core
    user = await core.users.add_user(NewUser("ada@example.com", "ada", "ada", "hash", 0, NOW))
    outbox = _Outbox()
    notices = Notices(core.users, outbox, core.box, core.clock)  # type: ignore[arg-type]  # only `put` is used

    async def muted(user_id: int) -> frozenset[str]:
        assert user_id == user.user_id
        return frozenset({"product", "security"})

    monkeypatch.setattr(notices, "muted", muted)
    for kind in NoticeKind:
        await notices.tell(user.user_id, Notice(f"About {kind}", "Text.", kind))
    assert outbox.put_for == [user.user_id] * 2


class _Outbox:
    def __init__(self) -> None:
        self.put_for: list[int] = []

    async def put(self, user_id: int, sealed: bytes, at_ms: int) -> bool:
        assert sealed
        assert at_ms
        self.put_for.append(user_id)
        return True
