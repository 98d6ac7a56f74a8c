"""Both appenders by name, for tests that run with each."""

from cse.adapters.journal.native import Opens
from cse.engine.backend import native_module

APPENDERS = ("python", "native")


def native_of(appender: str) -> Opens | None:
    """What FileJournal takes as `native`. Fails where the native module is not built, and says so."""
    if appender == "python":
        return None
    module = native_module("native")
    assert module is not None, "native means native"
    return module.JournalAppender
