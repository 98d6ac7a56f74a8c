"""Two gateways on one database, one Redis and one data directory act as one, also when Redis dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.adapters.bus.redis import RedisBus
from cse.adapters.cache.fallback import FallbackCache
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.cache.redis import RedisCache
from cse.adapters.clock import SystemClock
from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.gateway.auth import Authenticator
from cse.gateway.problems import ApiProblem
from cse.users.assembly import UserOptions, UserPorts, assemble
from cse.users.errors import InvalidToken, TooManyAttempts, TooManyKeys, WrongCredentials
from cse.users.key_requests import KeyRequest
from cse.users.keys import rotate_keys
from cse.users.model import KeyPrincipal, KeyRefused
from cse.users.service import UserService
from tests.servers import PrivateRedis
from tests.servers.migrated import migrated
from tests.servers.redis import patient_client
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, EngineQueue
from tests.waiting import wait_until_async


class Gateway:
    """What one process has of the user service."""

    def __init__(self, service: UserService, authenticator: Authenticator) -> None:
        self.service = service
        self._authenticator = authenticator

    def refuses(self, access_token: str) -> str | None:
        """The code of the refusal, None if the token is good here."""
        try:
            self._authenticator.authenticate_token(access_token)
        except ApiProblem as problem:
            return problem.code
        return None


@asynccontextmanager
async def gateway(
    database_url: str, redis_url: str, data_dir: Path, queue: EngineQueue
) -> AsyncIterator[Gateway]:
    clock, client = SystemClock(), patient_client(redis_url)
    engine = make_engine(
        database_url, durable=False
    )  # many at once; power cuts are not the subject
    ports = UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=queue,
        bus=RedisBus(client),
        cache=FallbackCache(RedisCache(client), MemoryCache()),
        keys=FileKeyStore(data_dir / "keys.json"),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=FileKeyStore(data_dir / "sealing-keys.json"),
    )
    service, tokens, revocations, _ = assemble(ports, UserOptions(bcrypt_cost=4))
    await service.start(0)
    running = asyncio.create_task(service.run())
    yield Gateway(service, Authenticator(tokens, revocations, clock))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    service.close()
    await client.close()
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def pair(
    request: pytest.FixtureRequest, private_redis: PrivateRedis, tmp_path: Path
) -> AsyncIterator[tuple[Gateway, Gateway]]:
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    queue = EngineQueue()
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(gateway(url, private_redis.url, tmp_path, queue))
            for _ in range(2)
        ]
        yield one, other


async def test_a_log_in_counts_everywhere_and_so_does_its_end(
    pair: tuple[Gateway, Gateway], private_redis: PrivateRedis
) -> None:
    """Register here, log in there, refresh here, log out there; then once more without Redis."""
    here, there = pair
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    for _ in range(2):
        first = await there.service.login(EMAIL, PASSWORD)
        second = await here.service.refresh(first.refresh_token)
        assert [each.refuses(second.access_token) for each in pair] == [None, None]
        await there.service.logout_by_refresh_token(second.refresh_token)
        assert there.refuses(second.access_token) == "session_revoked"
        token = second.access_token
        await wait_until_async(lambda token=token: here.refuses(token) == "session_revoked")
        with pytest.raises(InvalidToken):
            await here.service.refresh(second.refresh_token)
        private_redis.kill()


async def test_a_race_over_one_refresh_token_has_one_winner(pair: tuple[Gateway, Gateway]) -> None:
    """Ten on each gateway at once; afterwards the session is over on both."""
    here, _ = pair
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    login = await here.service.login(EMAIL, PASSWORD)
    tried = [each.service.refresh(login.refresh_token) for each in pair * 10]
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, InvalidToken) for answer in answers) == 19
    for each in pair:
        await wait_until_async(
            lambda each=each: each.refuses(login.access_token) == "session_revoked"
        )


async def test_rotated_keys_log_nobody_out(pair: tuple[Gateway, Gateway], tmp_path: Path) -> None:
    """Tokens of the old key and, as soon as somebody signs with it, of the new one are good on both."""
    here, there = pair
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    old = await here.service.login(EMAIL, PASSWORD)
    rotate_keys(FileKeyStore(tmp_path / "keys.json"), SystemClock(), 900_000)
    new = await there.service.login(EMAIL, PASSWORD)
    for each in pair:
        for token in (old.access_token, new.access_token):
            await wait_until_async(lambda each=each, token=token: each.refuses(token) is None)


async def test_guesses_are_counted_together(pair: tuple[Gateway, Gateway]) -> None:
    """Twenty failures over both gateways, not twenty on each."""
    here, _ = pair
    await here.service.register(EMAIL, PASSWORD, HANDLE)
    outcomes = []
    for number in range(21):
        with pytest.raises((WrongCredentials, TooManyAttempts)) as refused:
            await pair[number % 2].service.login(EMAIL, "wrong horse battery", "203.0.113.7")
        outcomes.append(refused.type)
    assert outcomes == [WrongCredentials] * 20 + [TooManyAttempts]


async def test_registrations_on_both_get_accounts_of_their_own(
    pair: tuple[Gateway, Gateway],
) -> None:
    """Twenty people at once, and ten times the same one."""
    people = [
        each.service.register(f"user{number}@example.com", PASSWORD, f"user{number}")
        for number, each in enumerate(pair * 10)
    ]
    same = [each.service.register(EMAIL, PASSWORD, HANDLE) for each in pair * 5]
    answers = await asyncio.gather(*people, *same, return_exceptions=True)
    users = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert sorted(user.account_id for user in users) == list(range(1_000, 1_021))


async def test_an_api_key_opens_both_until_it_is_revoked_on_one(
    pair: tuple[Gateway, Gateway], private_redis: PrivateRedis
) -> None:
    """Made here, used there, ended here: the other one tells its sessions; then once more without Redis."""
    here, there = pair
    user = await here.service.register(EMAIL, PASSWORD, HANDLE)
    ended: list[str] = []
    there.service.api_keys.watch(ended.append)
    for _ in range(2):
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw().hex()
        asked = KeyRequest("bot", public, ["trade"])
        key = (await here.service.api_keys.create(user.user_id, asked)).key
        signed = {"message": b"m", "signature": private.sign(b"m"), "client_ip": None}
        answer = await there.service.api_keys.verify(key.key_id, **signed)
        assert isinstance(answer, KeyPrincipal)
        assert answer.account_id == user.account_id
        await here.service.api_keys.revoke(user.user_id, key.key_id)
        await wait_until_async(lambda key=key: key.key_id in ended)
        refused = await there.service.api_keys.verify(key.key_id, **signed)
        assert refused == KeyRefused("revoked")
        private_redis.kill()


async def test_of_many_keys_at_once_on_both_no_more_than_allowed_are_made(
    pair: tuple[Gateway, Gateway],
) -> None:
    """Thirty at once, half here and half there: twenty."""
    user = await pair[0].service.register(EMAIL, PASSWORD, HANDLE)
    asked = []
    for number, each in enumerate(pair * 15):
        public = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        request = KeyRequest(f"bot {number}", public, ["read"])
        asked.append(each.service.api_keys.create(user.user_id, request))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, TooManyKeys) for answer in answers) == 10
    listed = await pair[1].service.api_keys.keys_of(user.user_id, before=None, limit=99)
    assert len(listed) == 20
