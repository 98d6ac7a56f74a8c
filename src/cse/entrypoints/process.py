"""What every long-running process of ours begins with: data directory, settings for children, logs, loop."""

import os
import resource
from collections.abc import Awaitable, Callable

import structlog
import uvloop

from cse.core.errors import CseError
from cse.entrypoints.data_dir import prepare_data_dir
from cse.entrypoints.exits import ExitCode
from cse.entrypoints.logs import start_logging
from cse.entrypoints.signals import StopRequest
from cse.settings import Settings
from cse.settings.load import PREFIX, setting_names, variable
from cse.settings.reference import environment

log = structlog.get_logger(__name__)

_FILES = 65_536

Main = Callable[[Settings, StopRequest], Awaitable[ExitCode]]


def prepare(settings: Settings, name: str) -> Settings:
    """Make the data directory, send logs there, and hand these settings to whatever we start.

    Returns the settings with the data directory as an absolute path.

    Raises:
        CannotStart: the data directory cannot be used.
    """
    os.umask(0o077)  # database, journal and logs are for their owner
    data_dir = prepare_data_dir(settings.data_dir)
    settings = settings.model_copy(update={"data_dir": data_dir})
    start_logging(settings, name)
    _allow_many_files()
    _adopt(settings)
    return settings


def run_loop(
    settings: Settings, main: Main, on_force: Callable[[], None] = lambda: None
) -> ExitCode:
    """Run `main` on uvloop until it returns; an expected error is logged and told by the CLI."""

    async def begin() -> ExitCode:
        return await main(settings, StopRequest(on_force))

    try:
        return uvloop.run(begin())
    except CseError as error:
        log.critical("stopped", reason=str(error))
        raise


def _adopt(settings: Settings) -> None:
    """Put the settings into our environment: every child then has the very same ones."""
    for name in map(variable, setting_names()):
        os.environ.pop(name, None)
    os.environ.pop(f"{PREFIX}CONFIG", None)
    os.environ.update(environment(settings))


def _allow_many_files() -> None:
    """Each connection is an open file; the soft limit is often far below what we may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
