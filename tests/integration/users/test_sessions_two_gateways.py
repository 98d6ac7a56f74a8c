"""Sessions on two gateways: what one ends is over on the other, with Redis and without it."""

import pytest

from cse.users.errors import InvalidToken, WrongCredentials
from cse.users.password_change import ChangedBy
from tests.integration.users.test_two_gateways import Gateway, pair
from tests.servers import PrivateRedis
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD
from tests.waiting import wait_until_async

__all__ = ["pair"]
NEW = "another horse, another battery"


async def ended_on(gateway: Gateway, access_token: str) -> None:
    await wait_until_async(lambda: gateway.refuses(access_token) == "session_revoked")


async def test_sessions_that_are_ended_on_one_are_over_on_both(
    pair: tuple[Gateway, Gateway], private_redis: PrivateRedis
) -> None:
    """One by its id, all others, those of a frozen account; then once more without Redis."""
    here, there = pair
    user = await here.service.register(EMAIL, PASSWORD, HANDLE)
    for _ in range(2):
        pairs = [await here.service.login(EMAIL, PASSWORD) for _ in range(3)]
        page = await there.service.session_list.page(user.user_id, before=None, limit=9)
        assert len(page) == 3
        one = page[0].session_id
        assert await there.service.session_list.end(user.user_id, one)
        keep = page[1].session_id
        assert await there.service.session_list.end_others(user.user_id, keep) == 1
        there.service.account_endings.note([user.account_id])
        for tokens in pairs:
            await ended_on(here, tokens.access_token)
            with pytest.raises(InvalidToken):
                await here.service.refresh(tokens.refresh_token)
        private_redis.kill()


async def test_a_password_changed_on_one_is_changed_on_both(pair: tuple[Gateway, Gateway]) -> None:
    """The sessions that the other gateway began end, and it takes the new password only."""
    here, there = pair
    user = await here.service.register(EMAIL, PASSWORD, HANDLE)
    old = await there.service.login(EMAIL, PASSWORD)
    await here.service.password_change.change(ChangedBy(user.user_id, ""), PASSWORD, NEW)
    await ended_on(there, old.access_token)
    with pytest.raises(WrongCredentials):
        await there.service.login(EMAIL, PASSWORD)
    new = await there.service.login(EMAIL, NEW)
    assert here.refuses(new.access_token) is None
