"""What the stores of second factors share: recovery codes belong to no kind of factor and go with the last of any."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cse.adapters.sql.factor_tables import recovery_codes, totps
from cse.adapters.sql.passkey_tables import passkeys
from cse.adapters.sql.user_tables import users


async def lock_person(connection: AsyncConnection, user_id: int) -> bool:
    """Let whatever adds or removes factors of this person wait for each other; False: there is nobody."""
    asked = select(users.c.user_id).where(users.c.user_id == user_id)
    return (await connection.execute(asked.with_for_update(key_share=True))).first() is not None


async def has_factor(connection: AsyncConnection, user_id: int) -> bool:
    """Return whether log-ins of this person ask for anything besides the password."""
    confirmed = select(totps.c.user_id).where(
        totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None)
    )
    stored = select(passkeys.c.user_id).where(passkeys.c.user_id == user_id)
    return (await connection.execute(confirmed.union_all(stored).limit(1))).first() is not None


async def put_codes(
    connection: AsyncConnection, user_id: int, digests: Sequence[bytes], at_ms: int
) -> None:
    """Put these recovery codes in the place of all that there are."""
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    if digests:
        rows = [{"user_id": user_id, "digest": each, "created_at": at_ms} for each in digests]
        await connection.execute(insert(recovery_codes), rows)


async def drop_codes_of_nothing(connection: AsyncConnection, user_id: int) -> bool:
    """Delete the recovery codes of who has no factor any more; return whether there is one."""
    if await has_factor(connection, user_id):
        return True
    await put_codes(connection, user_id, [], 0)
    return False
