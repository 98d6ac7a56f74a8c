"""Lock-outs over SQLite and PostgreSQL: strangers keep nobody out of where they are at home; the owner is told once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.users.devices import Device
from cse.users.errors import TooManyAttempts, WrongCredentials
from cse.users.lock_outs import NOTICE_MS
from cse.users.throttle import KNOWN_MS, PER_ADDRESS, PER_NETWORK, WINDOW_MS
from tests.contract.addresses import Town, town_of
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD

HOME, PHONE = "198.51.100.1", "2001:db8:1:2::77"
PHONES_NETWORK = "2001:db8:1:2::/64"


@pytest.fixture(params=["sqlite", "postgresql"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """Ada is registered and has logged in from home."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with town_of(url) as made:
        await made.people.service.register(EMAIL, PASSWORD, HANDLE)
        await log_in(made, HOME, Device(HOME))
        yield made


async def log_in(town: Town, network: str, device: Device, password: str = PASSWORD) -> None:
    await town.people.service.login(EMAIL, password, network, device)


async def attack(town: Town, email: str = EMAIL) -> None:
    """A hundred guesses from everywhere but from home."""
    for number in range(PER_ADDRESS):
        with pytest.raises(WrongCredentials):
            await town.people.service.login(email, "a wrong password", f"203.0.113.{number}")


async def told(town: Town) -> int:
    """How many letters the lock-outs until now led to."""
    await town.people.service.lock_outs.work_off()
    return len(await town.letters())


async def test_strangers_use_up_an_address_but_not_for_where_its_owner_logged_in(
    town: Town,
) -> None:
    """At home the owner logs in; elsewhere everybody waits, the owner too, and with the right password."""
    await attack(town)
    with pytest.raises(TooManyAttempts):
        await log_in(town, "192.0.2.9", Device("192.0.2.9"))
    await log_in(town, HOME, Device(HOME))


async def test_a_network_at_home_has_a_bound_of_its_own(town: Town) -> None:
    """Whoever guesses from there gets as many attempts as from any other network."""
    await attack(town)
    for _ in range(PER_NETWORK):
        with pytest.raises(WrongCredentials):
            await log_in(town, HOME, Device(HOME), "a wrong password")
    with pytest.raises(TooManyAttempts):
        await log_in(town, HOME, Device(HOME))


async def test_an_ipv6_network_is_a_customers(town: Town) -> None:
    """A phone that changed its address within its /64 is at home; the next /64 is not."""
    await log_in(town, PHONES_NETWORK, Device(PHONE))
    await attack(town)
    with pytest.raises(TooManyAttempts):
        await log_in(town, "2001:db8:1:3::/64", Device("2001:db8:1:3::1"))
    await log_in(town, PHONES_NETWORK, Device("2001:db8:1:2::99"))


async def test_a_home_of_long_ago_is_none(town: Town) -> None:
    """Thirty days after the last log-in from there it is a network like any other."""
    town.clock.time_ms += KNOWN_MS + 1
    await attack(town)
    with pytest.raises(TooManyAttempts):
        await log_in(town, HOME, Device(HOME))


async def test_a_home_is_of_its_own_person_only(town: Town) -> None:
    """Somebody else who logged in from there opens nothing for this address."""
    bob = "bob@example.com"
    await town.people.service.register(bob, PASSWORD, "bob")
    await town.people.service.login(bob, PASSWORD, "192.0.2.9", Device("192.0.2.9"))
    await attack(town)
    with pytest.raises(TooManyAttempts):
        await log_in(town, "192.0.2.9", Device("192.0.2.9"))


async def test_the_owner_is_told_once_a_day(town: Town) -> None:
    """However many attempts are refused; a day later once more. Nobody is told about an address that nobody has."""
    for number in range(3):
        await attack(town, EMAIL)
        await attack(town, "nobody@example.com")
        for email in (EMAIL, "nobody@example.com"):
            for _ in range(3):
                with pytest.raises(TooManyAttempts):
                    await town.people.service.login(email, PASSWORD, "192.0.2.9")
        assert await told(town) == (1 if number != 1 else 0)
        town.clock.time_ms += WINDOW_MS if number == 0 else NOTICE_MS
    assert {one.to for one in town.mailer.sent} == {EMAIL}
    assert "failed attempts" in town.mailer.sent[0].text


async def test_a_flood_of_refusals_is_bounded(town: Town) -> None:
    """What waits to be looked at is at most a thousand; the rest is dropped and delays nobody."""
    for number in range(1_500):
        town.people.service.lock_outs.note(f"nobody{number}@example.com")
    town.people.service.lock_outs.note(EMAIL)
    assert await told(town) == 0
    town.people.service.lock_outs.note(EMAIL)
    assert await told(town) == 1
