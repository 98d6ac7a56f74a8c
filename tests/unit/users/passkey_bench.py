"""Passkeys on dicts, with software authenticators: what tests of them share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from cse.gateway.http.passkey_json import AssertionJson, AttestationJson
from cse.users.core import UserCore
from cse.users.devices import NO_DEVICE, Device
from cse.users.factor_errors import FactorRequired
from cse.users.factor_ports import Proof
from cse.users.passkeys.challenges import Challenges
from cse.users.passkeys.checking import CheckParts, PasskeyChecker
from cse.users.passkeys.log_in import LogInParts, PasskeyLogIns
from cse.users.passkeys.model import Assertion, Attestation, RelyingParty
from cse.users.passkeys.service import Added, PasskeyParts, Passkeys
from cse.users.refused_logins import RefusedLogIns
from cse.users.service import UserService
from tests.unit.users.authenticator import Authenticator
from tests.unit.users.passkey_stores import MemoryPasskeyStore
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD, World

PARTY = RelyingParty("localhost", ("http://localhost:8000", "https://exchange.example"))
OTHER = "bob@example.com"
ADA, BOB = 1, 2


def assertion(told: dict[str, Any]) -> Assertion:
    return msgspec.convert(told, AssertionJson).parsed()


def attestation(told: dict[str, Any]) -> Attestation:
    return msgspec.convert(told, AttestationJson).parsed()


class Bench:
    """Ada (1) and Bob (2) are registered; each has a session."""

    def __init__(self, world: World, service: UserService, core: UserCore) -> None:
        self.world, self.service = world, service
        self.store = MemoryPasskeyStore(world.factors)
        challenges = Challenges(core.cache)
        checker = PasskeyChecker(
            CheckParts(self.store, challenges, PARTY, world.trail, world.clock)
        )
        core.factors.accept_passkeys(checker)
        self.own = Passkeys(
            PasskeyParts(
                store=self.store,
                users=core.users,
                challenges=challenges,
                checker=checker,
                factors=core.factors,
                party=PARTY,
                audit=world.trail,
                notices=core.notices,
                clock=world.clock,
            )
        )
        refused = RefusedLogIns(world.trail, world.clock)
        self.log_ins = PasskeyLogIns(
            LogInParts(self.store, core.users, checker, core.sessions, refused)
        )
        self.sessions: dict[int, str] = {}

    async def begin(self, user_id: int, **proof: Any) -> str:
        """A new session by the password; its id."""
        email = EMAIL if user_id == ADA else OTHER
        await self.service.login(email, PASSWORD, proof=Proof(**proof))
        self.sessions[user_id] = list(self.world.sessions.sessions)[-1]
        return self.sessions[user_id]

    async def add(self, key: Authenticator, user_id: int = ADA, label: str = "phone") -> Added:
        session_id = self.sessions[user_id]
        options = await self.own.registration_options(user_id, session_id)
        return await self.own.add(
            user_id, session_id, attestation(key.create(dict(options))), label
        )

    async def log_in(self, key: Authenticator, device: Device = NO_DEVICE) -> Any:
        return await self.log_ins.log_in(await self.answer(key), device)

    async def answer(self, key: Authenticator) -> Assertion:
        return assertion(key.get(dict(await self.log_ins.options())))

    async def second_factor(self, email: str = EMAIL) -> dict[str, Any]:
        """The options that a right password alone is told."""
        with pytest.raises(FactorRequired) as told:
            await self.service.login(email, PASSWORD)
        assert told.value.passkey_options is not None
        return dict(told.value.passkey_options)

    def acts(self) -> list[str]:
        return [name for name in self.world.trail.names() if name.startswith("factor.")]


@asynccontextmanager
async def passkey_bench() -> AsyncIterator[Bench]:
    """Both people, registered and logged in."""
    world = World()
    assembled = world.assemble()
    service = assembled.service
    await service.start(0)
    await service.register(EMAIL, PASSWORD, HANDLE)
    await service.register(OTHER, PASSWORD, "bob")
    made = Bench(world, service, assembled.core)
    await made.begin(ADA)
    await made.begin(BOB)
    yield made
    service.close()
