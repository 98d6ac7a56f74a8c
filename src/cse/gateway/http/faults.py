"""Faults of ours: the log gets all of it, the client an id to ask by."""

import structlog

from cse.gateway.http.context import RequestContext

log = structlog.get_logger(__name__)


def log_fault(context: RequestContext, error: BaseException) -> None:
    """Log a bug of ours with its request id."""
    log.error(
        "request_failed",
        exc_info=error,
        request_id=context.request_id,
        method=context.method,
        route=context.route or context.path,
    )
