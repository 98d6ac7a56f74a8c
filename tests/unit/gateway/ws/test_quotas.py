"""What an address and an account may have over all their connections: counted, refused, given back."""

import pytest

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.quotas import Quotas

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def refused(call: object, *arguments: object) -> str:
    """The detail of the 429 that a call must end with."""
    with pytest.raises(ApiProblem) as problem:
        call(*arguments)  # type: ignore[operator]  # a bound method
    assert (problem.value.status, problem.value.code) == (429, "rate_limited")
    return problem.value.detail


def test_connections_of_an_address_are_limited() -> None:
    """One too many is refused; others are not concerned; a released one makes room."""
    quotas = Quotas(WsOptions(address_connections=2))
    first, _ = quotas.connect(HERE), quotas.connect(HERE)
    assert "2 connections" in refused(quotas.connect, HERE)
    quotas.connect(ELSEWHERE)
    first.release()
    quotas.connect(HERE)
    refused(quotas.connect, HERE)


def test_connections_of_an_account_are_limited() -> None:
    """From whatever addresses; who says twice who it is counts once."""
    quotas = Quotas(WsOptions(account_connections=2))
    here, there, third = quotas.connect(HERE), quotas.connect(ELSEWHERE), quotas.connect(HERE)
    for _ in range(2):
        here.identify(7)
        there.identify(7)
    assert "2 connections" in refused(third.identify, 7)
    third.identify(8)
    here.release()
    quotas.connect(HERE).identify(7)


def test_subscriptions_are_limited_per_address_and_account() -> None:
    """All of a message or nothing; those before a login count for the account, too."""
    quotas = Quotas(WsOptions(address_subscriptions=10, account_subscriptions=5))
    one, two = quotas.connect(HERE), quotas.connect(HERE)
    one.subscribe(3)
    one.identify(7)
    assert "An account" in refused(one.subscribe, 3)
    one.subscribe(2)
    assert "An address" in refused(two.subscribe, 6)
    two.subscribe(5)
    one.subscribe(-4)
    one.subscribe(4)
    one.release()
    assert quotas.subscriptions == {HERE: 5}


def test_messages_are_limited_per_address_and_account() -> None:
    """Twice a second's worth at once, then as many as time gives back; a refusal takes nothing."""
    quotas = Quotas(WsOptions(address_messages=4, account_messages=2))
    one, two = quotas.connect(HERE), quotas.connect(HERE)
    one.identify(7)
    assert [one.take_message(0) for _ in range(5)] == [True] * 4 + [False]
    assert [two.take_message(0) for _ in range(5)] == [True] * 4 + [False]
    assert one.take_message(1_000_000_000)


def test_nothing_is_remembered_of_who_has_gone() -> None:
    """A million visitors one after another leave no trace."""
    quotas = Quotas(WsOptions())
    for n in range(100):
        quota = quotas.connect(f"198.51.100.{n}")
        quota.identify(n + 1)
        quota.subscribe(3)
        quota.release()
    assert (len(quotas.connections), len(quotas.subscriptions)) == (0, 0)


def test_a_dear_message_is_charged_to_address_and_account() -> None:
    """As many messages as it costs: what one connection spends, the others of it lack."""
    quotas = Quotas(WsOptions(address_messages=4, account_messages=2))
    one, two = quotas.connect(HERE), quotas.connect(HERE)
    one.identify(7)
    one.charge(10, 0)
    assert not one.take_message(0)
    assert not two.take_message(0)
    two.charge(0, 0)
    assert two.take_message(2_500_000_000)
    assert not one.take_message(2_500_000_000), "the account waits for longer"
    assert quotas.connect(ELSEWHERE).take_message(0)


def test_subscriptions_before_a_log_in_do_not_go_past_the_accounts() -> None:
    """Who subscribed to more than the account has room for is not let into it; nothing is counted."""
    quotas = Quotas(WsOptions(account_subscriptions=5))
    one, two = quotas.connect(HERE), quotas.connect(HERE)
    one.subscribe(3)
    two.subscribe(3)
    one.identify(7)
    assert "5 subscriptions" in refused(two.identify, 7)
    assert (quotas.subscriptions[7], quotas.connections[7]) == (3, 1)
    two.subscribe(-1)
    two.identify(7)
