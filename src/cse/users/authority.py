"""What each role may do: one table. Whoever is not in it may not (deny by default)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody is to the exchange. Everybody who is registered is a `user`."""

    USER = "user"
    CREATOR = "creator"
    SUPPORT = "support"
    RISK = "risk"
    FINANCE = "finance"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a call may need."""

    OWN_READ = "own.read"
    """Read one's own orders, money, keys."""
    OWN_TRADE = "own.trade"
    """Trade on one's own account."""
    PEOPLE_READ = "people.read"
    RESET_FACTORS = "people.reset_factors"
    """Take somebody's second factors away, so that they can add new ones."""
    ACCOUNT_FREEZE = "account.freeze"
    MARKET_READ = "market.read"
    MARKET_LIST = "market.list"
    """Make new markets."""
    MARKET_STATUS = "market.status"
    MARKET_LIMITS = "market.limits"
    KILL_SWITCH = "market.kill_switch"
    FEES_READ = "fees.read"
    FEES_SET = "fees.set"
    ROLES_SET = "roles.set"
    HOUSE_TRANSFER = "house.transfer"
    """Pay out of the house's own accounts."""
    APPROVALS_READ = "approvals.read"
    APPROVALS_DECIDE = "approvals.decide"
    """Say something to proposals; each needs the permission of its own act besides."""
    AUDIT_READ = "audit.read"
    SYSTEM_READ = "system.read"
    IDENTITY_REVIEW = "identity.review"
    """See, decide and take away identity levels."""
    IDENTITY_HOLDS = "identity.holds"
    """Clear or confirm likenesses to the sanctions list."""


_P = Permission
_OWN: Final = frozenset({_P.OWN_READ, _P.OWN_TRADE})
_STAFF: Final = frozenset({_P.MARKET_READ, _P.SYSTEM_READ, _P.APPROVALS_READ, _P.APPROVALS_DECIDE})
_SUPPORT: Final = _STAFF | {_P.PEOPLE_READ, _P.RESET_FACTORS, _P.IDENTITY_REVIEW}
_RISK: Final = _STAFF | {
    _P.PEOPLE_READ,
    _P.ACCOUNT_FREEZE,
    _P.MARKET_LIST,
    _P.MARKET_STATUS,
    _P.MARKET_LIMITS,
    _P.KILL_SWITCH,
    _P.AUDIT_READ,
    _P.IDENTITY_REVIEW,
    _P.IDENTITY_HOLDS,
}
_FINANCE: Final = _STAFF | {_P.FEES_READ, _P.FEES_SET, _P.HOUSE_TRANSFER}

TABLE: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.USER: _OWN,
    Role.CREATOR: _OWN,
    Role.SUPPORT: _OWN | _SUPPORT,
    Role.RISK: _OWN | _RISK,
    Role.FINANCE: _OWN | _FINANCE,
    Role.ADMIN: _OWN | _SUPPORT | _RISK | _FINANCE | {_P.ROLES_SET},
}
"""The whole truth about roles; docs/reference/permissions.md is made from it."""

_BY_NAME: Final = {role.value: role for role in Role}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what somebody with these roles may do; a role that is none gives nothing."""
    found: frozenset[Permission] = TABLE[Role.USER]
    for name in roles:
        role = _BY_NAME.get(name)
        if role is not None:
            found |= TABLE[role]
    return found
