"""Acts at the server's own shell that the audit log has, too: who is at the keyboard is a machine's account there."""

import asyncio
import getpass

from cse.adapters.clock import SystemClock
from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.schema import check
from cse.settings import Settings
from cse.users.audit import Act, AuditAct
from cse.users.keys import rotate_keys
from cse.users.secret_box import rotate_sealing_key
from cse.wiring.places import key_ring, sealing_keys


def shell_actor() -> str:
    """Return whoever is at the shell, as the audit log names them."""
    return f"machine:{getpass.getuser()}"[:64]


def rotate_signing(settings: Settings) -> str:
    """Record it, then sign with a new key from now on; return its id.

    Raises:
        cse.adapters.sql.schema.SchemaMismatch: the database is not of this software's schema.
        cse.core.errors.Unavailable: it could not be recorded; nothing was done.
        cse.users.errors.DamagedKeys: the key ring cannot be used.
    """
    _record(settings, Act.SIGNING_KEY_ROTATED, "signing_keys")
    store = FileKeyStore(key_ring(settings))
    return rotate_keys(store, SystemClock(), settings.tokens.access_seconds * 1_000)


def rotate_sealing(settings: Settings) -> str:
    """Record it, then seal with a new key from now on; return its id. Errors as `rotate_signing`."""
    _record(settings, Act.SEALING_KEY_ROTATED, "sealing_keys")
    return rotate_sealing_key(FileKeyStore(sealing_keys(settings)))


def _record(settings: Settings, act: Act, what: str) -> None:
    told = AuditAct(act=act, actor=shell_actor(), object=what, reason="by_operator")
    asyncio.run(_append(settings, told))


async def _append(settings: Settings, told: AuditAct) -> None:
    await check(settings.database_url)
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        await SqlAuditLog(engine, SystemClock()).record(told)
    finally:
        await engine.dispose()
