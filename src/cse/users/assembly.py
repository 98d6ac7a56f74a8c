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
from cse.users.factor_ports import FactorStore
from cse.users.factors import Factors
from cse.users.keys import Keys
from cse.users.mail import Mailer, MailOutbox, MailSender
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
from cse.users.throttle import LoginThrottle
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


def assemble(ports: UserPorts, options: UserOptions) -> Assembled:
    """Return the service. It does nothing yet: `await service.start(...)`, then keep `run` running.

    Raises:
        cse.users.errors.DamagedKeys: the key ring cannot be used.
    """
    clock = ports.clock
    keys = Keys(ports.keys, clock)
    tokens = AccessTokens(keys, clock, access_ms=options.access_ms)
    revocations = Revocations(ports.sessions, ports.bus, clock, access_ms=options.access_ms)
    trail, log, roles, people = ports.authority
    uses = SessionUses(ports.sessions, clock)
    limits = SessionLimits(options.refresh_ms, options.session_ms)
    parts = SessionParts(
        ports.sessions, tokens, revocations, clock, limits, uses, trail, ports.standing
    )
    sessions = Sessions(parts)
    session_list = SessionList(ports.sessions, revocations, trail, clock)
    throttle, refused = LoginThrottle(ports.cache), RefusedLogIns(trail, clock)
    hasher = PasswordHasher(
        options.bcrypt_cost, threads=options.password_threads, waiting=options.passwords_waiting
    )
    box = SecretBox(ports.sealing_keys)
    factors = Factors(ports.factors, box, hasher, trail, clock)
    service = UserService(
        UserServiceParts(
            users=ports.users,
            session_store=ports.sessions,
            hasher=hasher,
            keys=keys,
            sessions=sessions,
            revocations=revocations,
            api_keys=ApiKeys(ports.api_keys, ports.bus, clock, box, audit=trail),
            authority=Authority(trail, log, Roles(roles, ports.bus, clock), people),
            refused=refused,
            factors=factors,
            step_ups=StepUps(ports.factors, factors, trail, clock),
            throttle=throttle,
            opener=AccountOpener(ports.users, ports.queue, clock),
            session_list=session_list,
            session_uses=uses,
            account_endings=AccountEndings(ports.sessions, revocations, trail, clock),
            password_change=PasswordChange(
                ports.users, hasher, throttle, session_list, trail, refused
            ),
            clock=clock,
            password_reset=_password_reset(ports, hasher, session_list, box),
        )
    )
    return Assembled(service, tokens, revocations)


def _password_reset(
    ports: UserPorts, hasher: PasswordHasher, sessions: SessionList, box: SecretBox
) -> PasswordReset | None:
    if ports.mail is None:
        return None
    mailer, outbox, resets, link = ports.mail
    sender = MailSender(outbox, mailer, box, ports.clock)
    post = LinkPost(sender, box, link)
    return PasswordReset(ports.users, resets, hasher, sessions, ports.clock, post)
