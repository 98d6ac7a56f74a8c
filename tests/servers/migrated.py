"""Empty databases that get the whole schema by a copy of one that was migrated: a tenth of a migration's time."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from cse.adapters.sql import schema
from cse.adapters.sql.engine import parse_url
from tests.servers.databases import FRESH, fresh_database, recreate

_templates: Final[dict[str, URL]] = {}
"""The migrated database of this process by what it is on: a server, or SQLite."""
_cleaning: Final = ExitStack()


async def migrated(url: str) -> None:
    """Give a database the schema that `cse.adapters.sql.schema.migrate` would give it.

    Only an empty one becomes a copy: what another one holds stays in it.
    """
    wanted = parse_url(url)
    assert wanted.database is not None
    is_sqlite = wanted.get_backend_name() == "sqlite"
    # On a server of a test's own no original is kept: it would be gone before we drop it.
    is_private = not is_sqlite and not wanted.database.startswith(FRESH)
    if is_private or await schema.current(url) is not None:
        await schema.migrate(url)
        return
    where = "sqlite" if is_sqlite else f"{wanted.host}:{wanted.port}"
    template = _templates.get(where)
    if template is None:
        template = parse_url(_empty(wanted))
        await schema.migrate(template.render_as_string(hide_password=False))
        _templates[where] = template
    assert template.database is not None
    if is_sqlite:
        shutil.copyfile(template.database, wanted.database)
    else:
        recreate(wanted, template.database)


def drop_templates() -> None:
    """Leave nothing behind on a server that outlives the tests."""
    _templates.clear()
    _cleaning.close()


def _empty(like: URL) -> str:
    """The URL of a new, empty database on the same server, for as long as the tests run."""
    if like.get_backend_name() == "sqlite":
        folder = _cleaning.enter_context(tempfile.TemporaryDirectory(prefix="cse-template-"))
        return f"sqlite:///{Path(folder) / 'cse.db'}"
    server = like.set(drivername="postgresql", database="postgres")
    return _cleaning.enter_context(fresh_database(server.render_as_string(hide_password=False)))
