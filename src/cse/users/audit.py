"""The audit trail: who did what to what, from where, when and why. One port, told by everything that matters.

What is done in SQL is recorded in the same transaction (`cse.adapters.sql.audit.append`): both happen or neither.
Everything else is recorded through the port *before* it is done, so that there is no act without its record; such a
record may stand for an act that then failed: it says what was let through.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from cse.core.errors import Unavailable

log = structlog.get_logger(__name__)

SYSTEM: Final = "system"
"""The actor of what the exchange does by itself."""
NOBODY: Final = "nobody"
"""The actor of what is tried by somebody who has not shown who they are."""

Value = str | int | bool | None | list[str]
Facts = Mapping[str, Value]
"""What was, or is to be, so. Never a secret: no password, token, hash, private or shared key."""
NO_FACTS: Final[Facts] = {}


class Act(StrEnum):
    """Everything that is recorded. An act that is not in this list cannot be."""

    REGISTER = "user.register"
    LOG_IN = "session.log_in"
    LOG_IN_REFUSED = "session.log_in_refused"
    LOG_OUT = "session.log_out"
    SESSION_REVOKED = "session.revoke"
    REFRESH_REUSED = "session.refresh_reused"
    EMAIL_VERIFIED = "user.verify_email"
    EMAIL_CHANGE_ASKED = "user.ask_email_change"
    EMAIL_CHANGED = "user.change_email"
    PASSWORD_RESET_ASKED = "user.ask_password_reset"  # the name of an act
    PASSWORD_RESET = "user.reset_password"  # the name of an act
    PASSWORD_CHANGED = "user.change_password"  # the name of an act
    FACTOR_ADDED = "factor.add"
    FACTOR_REMOVED = "factor.remove"
    FACTOR_REFUSED = "factor.refuse"
    RECOVERY_CODES_MADE = "factor.make_recovery_codes"
    RECOVERY_CODE_USED = "factor.use_recovery_code"
    PASSKEY_CLONE_SUSPECTED = "factor.suspect_clone"
    STEP_UP = "factor.step_up"
    KEY_MADE = "api_key.make"
    KEY_REVOKED = "api_key.revoke"
    KEY_ROTATED = "api_key.rotate"
    SIGNING_KEY_ROTATED = "signing_key.rotate"
    SUB_ACCOUNT_MADE = "sub_account.make"
    SUB_ACCOUNT_RENAMED = "sub_account.rename"
    SUB_ACCOUNT_CLOSED = "sub_account.close"
    SANDBOX_DEPOSIT = "money.sandbox_deposit"
    TRANSFER = "money.transfer"
    ROLE_GRANTED = "role.grant"
    ROLE_REVOKED = "role.revoke"
    ACCOUNT_STATUS_SET = "account.set_status"
    MARKET_STATUS_SET = "market.set_status"
    MARKET_LIMITS_SET = "market.set_limits"
    KILL_SWITCH = "market.kill_switch"
    FEE_TIER_SET = "fee_tier.set"
    FEE_TIER_ASSIGNED = "fee_tier.assign"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.export"
    APPROVAL_PROPOSED = "approval.propose"
    APPROVAL_GIVEN = "approval.approve"
    APPROVAL_REJECTED = "approval.reject"
    APPROVAL_WITHDRAWN = "approval.withdraw"
    APPROVAL_EXPIRED = "approval.expire"
    APPROVAL_BEGUN = "approval.execute"
    APPROVAL_ENDED = "approval.end"
    HOUSE_TRANSFER = "house.transfer"
    MARKET_LISTED = "market.list"
    FACTORS_RESET = "factor.reset"
    SEALING_KEY_ROTATED = "sealing_key.rotate"

    PROFILE_CHANGED = "user.change_profile"
    NOTIFICATIONS_SET = "user.set_notifications"
    AVATAR_SET = "user.set_avatar"
    AVATAR_REMOVED = "user.remove_avatar"
    DATA_EXPORTED = "user.export_data"
    CLOSURE_ASKED = "account.ask_closure"
    CLOSURE_GIVEN_UP = "account.give_up_closure"
    ACCOUNT_CLOSED = "account.close"
    PERSON_ANONYMISED = "user.anonymise"
    IDENTITY_CHECK_BEGUN = "identity_check.begin"
    IDENTITY_DATA_CHANGED = "identity_check.change_data"
    IDENTITY_CHECK_SUBMITTED = "identity_check.submit"
    IDENTITY_CHECK_WITHDRAWN = "identity_check.withdraw"
    IDENTITY_CHECK_VIEWED = "identity_check.view"
    IDENTITY_CHECK_CLAIMED = "identity_check.claim"
    IDENTITY_CHECK_RELEASED = "identity_check.release"
    IDENTITY_CHECK_DECIDED = "identity_check.decide"
    IDENTITY_DOCUMENT_ADDED = "identity_document.add"
    IDENTITY_DOCUMENT_VIEWED = "identity_document.view"
    IDENTITY_DOCUMENT_DELETED = "identity_document.delete"
    IDENTITY_LEVEL_LOWERED = "identity_level.lower"
    SANCTIONS_HIT_FOUND = "sanctions.find"
    SANCTIONS_HIT_CLEARED = "sanctions.clear"
    SANCTIONS_HIT_CONFIRMED = "sanctions.confirm"
    IDENTITY_LINKED = "linked_identity.link"
    IDENTITY_UNLINKED = "linked_identity.unlink"
    IDENTITY_USED = "linked_identity.sign_in"


class Origin(NamedTuple):
    """Where the call under way comes from."""

    ip: str = ""
    session_id: str = ""


_UNKNOWN: Final = Origin()
origin: Final[ContextVar[Origin]] = ContextVar("cse_audit_origin", default=_UNKNOWN)
"""Set by the gateway for each request; a trail takes from here what an act does not say itself."""


class AuditAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act, as whoever does it tells it. The trail adds number, time and hash."""

    act: Act
    actor: str
    """`user_actor(...)`, SYSTEM, NOBODY, or `machine:NAME` for somebody at the server's own shell."""
    object: str
    """What it is done to: a kind, a colon and an id, such as `user:17`, `account:1000`, `market:NOVA-USDC`."""
    before: Facts = NO_FACTS
    after: Facts = NO_FACTS
    reason: str = ""
    """A machine-readable code such as `court_order`, where the act takes one."""
    session_id: str = ""
    """Empty: that of the request under way, if there is one."""
    ip: str = ""
    """Client address; empty: that of the request under way, if there is one."""


class AuditTrail(Protocol):
    """Where acts are recorded, append-only."""

    async def record(self, act: AuditAct) -> None:
        """Record an act that is about to be done; returns when it is durable.

        Raises:
            cse.core.errors.Unavailable: it could not be recorded; do not do it.
        """
        ...


class MemoryAuditTrail:
    """For tests: keeps everything in a list, or refuses everything with what `fails` is set to."""

    def __init__(self) -> None:
        """Begin empty."""
        self.acts: list[AuditAct] = []
        self.fails: Exception | None = None

    async def record(self, act: AuditAct) -> None:
        """Keep the act, with where it came from."""
        if self.fails is not None:
            raise self.fails
        self.acts.append(placed(act))

    def names(self) -> list[str]:
        """Return the names of the acts, oldest first."""
        return [act.act.value for act in self.acts]


async def record_if_possible(trail: AuditTrail, act: AuditAct) -> None:
    """Record an act of the engine's, which the journal has too and which must go on while the database is away.

    What could not be recorded stands in the log, as an error.
    """
    try:
        await trail.record(act)
    except Unavailable as error:
        log.error(  # noqa: TRY400  # it is no fault of ours, and a traceback says nothing more
            "act_not_recorded",
            act=act.act.value,
            actor=act.actor,
            object=act.object,
            error=str(error),
        )


def user_actor(user_id: int) -> str:
    """Return a person as an actor, or as an object."""
    return f"user:{user_id}"


def account_object(account_id: int) -> str:
    """Return an account as an object."""
    return f"account:{account_id}"


def placed(act: AuditAct) -> AuditAct:
    """Return the act with session and address of the request under way where it says none itself."""
    here = origin.get()
    return msgspec.structs.replace(
        act, session_id=act.session_id or here.session_id, ip=act.ip or here.ip
    )
