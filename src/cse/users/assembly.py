"""Puts the user service together from its ports."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from cse.core.clock import Clock
from cse.messages.bus import Bus
from cse.messages.ports import CommandQueue
from cse.users.account_endings import AccountEndings, Standing, unknown_standing
from cse.users.accounts import AccountOpener
from cse.users.api_keys import ApiKeys
from cse.users.authority_parts import Authority, AuthorityPorts
from cse.users.core import UserCore
from cse.users.factor_ports import FactorStore
from cse.users.factors import Factors
from cse.users.keys import Keys
from cse.users.lock_outs import KnownNetworks, LockOutNotices
from cse.users.mail import Mailer, MailOutbox, MailSender
from cse.users.notices import Notices
from cse.users.password_change import PasswordChange
from cse.users.password_reset import LinkPost, PasswordReset, ResetStore
from cse.users.passwords import PasswordHasher
from cse.users.ports import ApiKeyStore, Cache, KeyStore, SessionStore, UserStore
from cse.users.refused_logins import RefusedLogIns
from cse.users.revocations import Revocations
from cse.users.roles import Roles
from cse.users.secret_box import SecretBox
from cse.users.service import UserService, UserServiceParts
from cse.users.session_list import SessionList
from cse.users.session_uses import SessionUses
from cse.users.sessions import SessionLimits, SessionParts, Sessions
from cse.users.step_up import StepUps
from cse.users.throttle import LoginThrottle, Watch
from cse.users.tokens import AccessTokens


class UserOptions(msgspec.Struct, frozen=True):
    """The user service's settings (cse.settings says what each means)."""

    access_ms: int = 900_000
    refresh_ms: int = 2_592_000_000
    session_ms: int = 7_776_000_000
    bcrypt_cost: int = 12
    password_threads: int = 2
    passwords_waiting: int = 64
    """Log-ins and registrations that may queue for a thread; above it 503."""


class MailPorts(NamedTuple):
    """What mails are sent with."""

    mailer: Mailer
    outbox: MailOutbox
    resets: ResetStore
    link: Callable[[str], str]
    """Turns a token into what stands in the letter."""


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
    authority: AuthorityPorts
    factors: FactorStore
    sealing_keys: KeyStore
    """What secrets are sealed with in the database."""
    standing: Standing = unknown_standing
    """What the engine says of an account: frozen and closed ones do not log in."""
    mail: MailPorts | None = None
    """None: no mails are sent, and nobody can reset a password."""


class Assembled(NamedTuple):
    """The service, and what the gateway checks tokens with."""

    service: UserService
    tokens: AccessTokens
    revocations: Revocations
    core: UserCore
    """For the concerns that are put together apart."""


def assemble(ports: UserPorts, options: UserOptions) -> Assembled:
    """Return the service. It does nothing yet: `await service.start(...)`, then keep `run` running.

    Raises:
        cse.users.errors.DamagedKeys: the key ring cannot be used.
    """
    clock = ports.clock
    keys = Keys(ports.keys, clock)
    tokens = AccessTokens(keys, clock, access_ms=options.access_ms)
    revocations = Revocations(ports.sessions, ports.bus, clock, access_ms=options.access_ms)
    uses = SessionUses(ports.sessions, clock)
    core = _core(ports, options, tokens, revocations, uses)
    trail, log, _, people = ports.authority
    lock_outs = LockOutNotices(ports.users, core.notices, ports.cache)
    watch = Watch(KnownNetworks(ports.sessions, clock).is_known, lock_outs.note)
    throttle, refused = LoginThrottle(ports.cache, watch), RefusedLogIns(trail, clock)
    service = UserService(
        UserServiceParts(
            users=ports.users,
            session_store=ports.sessions,
            hasher=core.hasher,
            keys=keys,
            sessions=core.sessions,
            revocations=revocations,
            api_keys=ApiKeys(ports.api_keys, ports.bus, clock, core.box, audit=trail),
            authority=Authority(trail, log, core.roles, people),
            refused=refused,
            factors=core.factors,
            step_ups=core.step_ups,
            throttle=throttle,
            lock_outs=lock_outs,
            opener=AccountOpener(ports.users, ports.queue, clock),
            session_list=core.session_list,
            session_uses=uses,
            account_endings=AccountEndings(ports.sessions, revocations, trail, clock),
            password_change=PasswordChange(
                ports.users, core.hasher, throttle, core.session_list, trail, refused
            ),
            clock=clock,
            password_reset=_password_reset(ports, core),
        )
    )
    return Assembled(service, tokens, revocations, core)


def _core(
    ports: UserPorts,
    options: UserOptions,
    tokens: AccessTokens,
    revocations: Revocations,
    uses: SessionUses,
) -> UserCore:
    clock, trail = ports.clock, ports.authority.trail
    limits = SessionLimits(options.refresh_ms, options.session_ms)
    parts = SessionParts(
        ports.sessions, tokens, revocations, clock, limits, uses, trail, ports.standing
    )
    hasher = PasswordHasher(
        options.bcrypt_cost, threads=options.password_threads, waiting=options.passwords_waiting
    )
    box = SecretBox(ports.sealing_keys)
    factors = Factors(ports.factors, box, hasher, trail, clock)
    return UserCore(
        users=ports.users,
        clock=clock,
        trail=trail,
        roles=Roles(ports.authority.roles, ports.bus, clock),
        box=box,
        hasher=hasher,
        cache=ports.cache,
        bus=ports.bus,
        queue=ports.queue,
        sessions=Sessions(parts),
        session_list=SessionList(ports.sessions, revocations, trail, clock),
        factors=factors,
        step_ups=StepUps(ports.factors, factors, trail, clock),
        notices=Notices(ports.users, ports.mail.outbox if ports.mail else None, box, clock),
        standing=ports.standing,
    )


def _password_reset(ports: UserPorts, core: UserCore) -> PasswordReset | None:
    if ports.mail is None:
        return None
    mailer, outbox, resets, link = ports.mail
    sender = MailSender(outbox, mailer, core.box, ports.clock)
    post = LinkPost(sender, core.box, link)
    return PasswordReset(ports.users, resets, core.hasher, core.session_list, ports.clock, post)
