"""`cse admin`: roles from the server's own shell; the first admin cannot come from anywhere else."""

import asyncio
import re
from typing import Final

from cse.adapters.clock import SystemClock
from cse.adapters.sql.authority import SqlRoleStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.schema import check
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import CseError
from cse.entrypoints.shell_acts import shell_actor
from cse.settings import Settings
from cse.users.authority import Role
from cse.users.identity import normalise_email
from cse.users.roles import Asked

_REASON: Final = re.compile("[a-z][a-z0-9_]{2,63}")
_GIVEN: Final = [role.value for role in Role if role is not Role.USER]


class CannotGrant(CseError):
    """No such role, person or reason; the message says which."""


def set_role(settings: Settings, email: str, role: str, reason: str, *, held: bool) -> str:
    """Give or take a role and return one sentence about it; running exchanges know within a second.

    Raises:
        CannotGrant: there is no such role, or nobody has this address.
        cse.users.errors.InvalidField: that is no e-mail address.
        cse.adapters.sql.schema.SchemaMismatch: the database is not of this software's schema.
        cse.core.errors.Unavailable: the database is out of reach.
    """
    if role not in _GIVEN:
        raise CannotGrant(f"there is no role {role!r} to give; there are: {', '.join(_GIVEN)}")
    if not _REASON.fullmatch(reason):
        raise CannotGrant(f"{reason!r} is no reason: give a code such as `new_hire`")
    return asyncio.run(_set_role(settings, normalise_email(email), Role(role), reason, held=held))


async def _set_role(settings: Settings, email: str, role: Role, reason: str, *, held: bool) -> str:
    await check(settings.database_url)
    engine = make_engine(settings.database_url, pool_size=2)
    try:
        known = await SqlUserStore(engine).credentials(email)
        if known is None:
            raise CannotGrant(f"nobody is registered as {email}")
        asked = Asked(known.user.user_id, role, held, actor=shell_actor(), reason=reason)
        changed = await SqlRoleStore(engine).set_role(asked, SystemClock().now_ms())
    finally:
        await engine.dispose()
    who = f"{known.user.handle} (user {known.user.user_id})"
    if not changed:
        return f"{who} {'has' if held else 'does not have'} the role {role} anyway"
    return f"{who} {'has' if held else 'does not have'} the role {role} now"
