"""Both appenders by name, for tests that run with each."""

import importlib

from cse.adapters.journal.native import Opens

APPENDERS = ("python", "native")


def native_of(appender: str) -> Opens | None:
    """What FileJournal takes as `native`. Fails where the native module is not built (`make setup`)."""
    if appender == "python":
        return None
    opens: Opens = importlib.import_module("cse_native").JournalAppender
    return opens
