"""A user service on dicts and a real engine, with a clock and an engine queue that tests control."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.core.errors import CseError
from cse.engine.backend import new_engine
from cse.messages.commands import OpenAccount, SetFeeTier
from cse.messages.events import Applied
from cse.messages.wire import AccountStatus, Command
from cse.users.assembly import Assembled, UserOptions, UserPorts, assemble
from cse.users.audit import MemoryAuditTrail
from cse.users.service import UserService
from tests.unit.users.authorities import MemoryRoleStore, memory_authority
from tests.unit.users.factor_stores import MemoryFactorStore
from tests.unit.users.key_stores import MemoryApiKeyStore
from tests.unit.users.stores import MemoryKeyStore, MemorySessionStore, MemoryUserStore

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
HANDLE = "Ada_L"
START_MS = 1_700_000_000_000


class FakeClock:
    """Time stands still until a test moves it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms


class EngineQueue:
    """A queue straight into an engine; `failure` is raised before, `lost` after the command is applied."""

    def __init__(self) -> None:
        self.engine = new_engine()
        self.failure: CseError | None = None
        self.lost: CseError | None = None
        self.opened: list[int] = []
        self._apply(SetFeeTier(tier=0, maker_ppm=0, taker_ppm=0))

    async def submit(self, command: Command) -> Applied:
        if self.failure is not None:
            raise self.failure
        applied = self._apply(command)
        if self.lost is not None:
            raise self.lost
        return applied

    async def submit_batch(self, commands: Sequence[Command]) -> list[Applied]:
        return [await self.submit(command) for command in commands]

    def _apply(self, command: Command) -> Applied:
        sequence = self.engine.sequence + 1
        events = self.engine.apply(sequence, START_MS + sequence, command)
        if isinstance(command, OpenAccount) and type(events[0]).__name__ == "AccountOpened":
            self.opened.append(command.account_id)
        return Applied(sequence, START_MS + sequence, command, events)


@dataclass
class World:
    """Everything that a test of the user service may want to look at or break."""

    clock: FakeClock = field(default_factory=FakeClock)
    users: MemoryUserStore = field(default_factory=MemoryUserStore)
    sessions: MemorySessionStore = field(init=False)
    api_keys: MemoryApiKeyStore = field(init=False)
    queue: EngineQueue = field(default_factory=EngineQueue)
    bus: MemoryBus = field(default_factory=MemoryBus)
    keys: MemoryKeyStore = field(default_factory=MemoryKeyStore)
    sealing_keys: MemoryKeyStore = field(default_factory=MemoryKeyStore)
    trail: MemoryAuditTrail = field(default_factory=MemoryAuditTrail)
    roles: MemoryRoleStore = field(init=False)
    statuses: dict[int, AccountStatus] = field(default_factory=dict)
    """What the engine says of accounts; those that are not here it does not know."""
    factors: MemoryFactorStore = field(init=False)

    def __post_init__(self) -> None:
        """Keys belong to the people who are there."""
        self.sessions = MemorySessionStore(self.users)
        self.api_keys = MemoryApiKeyStore(self.users)
        self.roles = MemoryRoleStore(self.trail)
        self.factors = MemoryFactorStore(self.users, self.sessions)

    def assemble(self, **options: int) -> Assembled:
        """A process of the exchange: several of one world share everything but memory."""
        ports = UserPorts(
            users=self.users,
            sessions=self.sessions,
            api_keys=self.api_keys,
            queue=self.queue,
            bus=self.bus,
            cache=MemoryCache(now_ms=self.clock.now_ms),
            keys=self.keys,
            clock=self.clock,
            authority=memory_authority(self.trail, self.roles),
            factors=self.factors,
            sealing_keys=self.sealing_keys,
            standing=self.statuses.get,
        )
        return assemble(ports, UserOptions(**{"bcrypt_cost": 4, **options}))

    async def service(self, **options: int) -> UserService:
        """A service that has started."""
        service = self.assemble(**options).service
        await service.start(0)
        return service
