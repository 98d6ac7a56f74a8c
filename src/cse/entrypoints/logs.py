"""Logs: structured, pretty on a terminal and JSON elsewhere, and always JSON in <data_dir>/logs."""

import logging
import sys
from logging.handlers import RotatingFileHandler

import structlog
from structlog.processors import ExceptionRenderer
from structlog.stdlib import ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import EventDict, Processor, WrappedLogger

from cse.settings import Settings

_FILE_BYTES = 20_000_000
_FILES_KEPT = 5

_QUIET = (
    "uvicorn.access",
    "uvicorn.error",
    "asyncio",
    "aiosqlite",
    "alembic",
    "httpx",
    "websockets",
)
"""These say little of use below a warning."""

_OWN_LINES = frozenset({"exception", "stack"})
"""What has lines: our own tracebacks."""


def start_logging(settings: Settings, process: str) -> None:
    """Send what this process logs, through structlog or logging, to stderr and to logs/<process>.log."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_process(process),
    ]
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    to_file = RotatingFileHandler(
        settings.data_dir / "logs" / f"{process}.log", maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT
    )
    to_file.setFormatter(_formatter(shared, pretty=False))
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setFormatter(_formatter(shared, pretty=_pretty(settings)))
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in (to_file, to_terminal):
        root.addHandler(handler)
    root.setLevel(settings.log.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _pretty(settings: Settings) -> bool:
    return settings.log.format == "pretty" or (
        settings.log.format == "auto" and sys.stderr.isatty()
    )


def _name_process(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _escape(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Show what strangers wrote as text: no line of its own, nothing that a terminal obeys (JSON does so by itself)."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable() and name not in _OWN_LINES:
            event[name] = repr(value)[1:-1]
    return event


def _formatter(shared: list[Processor], *, pretty: bool) -> ProcessorFormatter:
    last: list[Processor] = [ProcessorFormatter.remove_processors_meta]
    # Without the frames' local variables: passwords, tokens and other people's orders are among them.
    if pretty:
        traceback = structlog.dev.RichTracebackFormatter(show_locals=False)
        colors = sys.stderr.isatty()
        last.append(_escape)
        last.append(structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=traceback))
    else:
        traceback_fields = ExceptionDictTransformer(show_locals=False)
        last += [ExceptionRenderer(traceback_fields), structlog.processors.JSONRenderer()]
    return ProcessorFormatter(foreign_pre_chain=shared, processors=last)
