"""Puts the user service together from its ports."""

from typing import NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.messages.bus import Bus
from cse.messages.ports import CommandQueue
from cse.users.accounts import AccountOpener
from cse.users.api_keys import ApiKeys
from cse.users.keys import Keys
from cse.users.passwords import PasswordHasher
from cse.users.ports import ApiKeyStore, Cache, KeyStore, SessionStore, UserStore
from cse.users.revocations import Revocations
from cse.users.service import UserService, UserServiceParts
from cse.users.sessions import Sessions
from cse.users.throttle import LoginThrottle
from cse.users.tokens import AccessTokens


class UserOptions(msgspec.Struct, frozen=True):
    """The user service's settings (cse.settings says what each means)."""

    access_ms: int = 900_000
    refresh_ms: int = 2_592_000_000
    bcrypt_cost: int = 12
    password_threads: int = 2
    passwords_waiting: int = 64
    """Log-ins and registrations that may queue for a thread; above it 503."""


class UserPorts(NamedTuple):
    """What the user service stands on."""

    users: UserStore
    sessions: SessionStore
    api_keys: ApiKeyStore
    queue: CommandQueue
    bus: Bus
    cache: Cache
    keys: KeyStore
    clock: Clock


class Assembled(NamedTuple):
    """The service, and what the gateway checks tokens with."""

    service: UserService
    tokens: AccessTokens
    revocations: Revocations


def assemble(ports: UserPorts, options: UserOptions) -> Assembled:
    """Return the service. It does nothing yet: `await service.start(...)`, then keep `run` running.

    Raises:
        cse.users.errors.DamagedKeys: the key ring cannot be used.
    """
    clock = ports.clock
    keys = Keys(ports.keys, clock)
    tokens = AccessTokens(keys, clock, access_ms=options.access_ms)
    revocations = Revocations(ports.sessions, ports.bus, clock, access_ms=options.access_ms)
    sessions = Sessions(ports.sessions, tokens, revocations, clock, refresh_ms=options.refresh_ms)
    service = UserService(
        UserServiceParts(
            users=ports.users,
            session_store=ports.sessions,
            hasher=PasswordHasher(
                options.bcrypt_cost,
                threads=options.password_threads,
                waiting=options.passwords_waiting,
            ),
            keys=keys,
            sessions=sessions,
            revocations=revocations,
            api_keys=ApiKeys(ports.api_keys, ports.bus, clock),
            throttle=LoginThrottle(ports.cache),
            opener=AccountOpener(ports.users, ports.queue, clock),
            clock=clock,
        )
    )
    return Assembled(service, tokens, revocations)
