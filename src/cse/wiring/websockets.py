"""The limits of every process that serves WebSockets, from the settings."""

from collections.abc import Mapping

from cse.gateway.limits import ClassLimits, RouteClass, class_limits
from cse.gateway.ws.options import WsOptions
from cse.settings import Settings


def websocket_options(settings: Settings) -> WsOptions:
    """Return how much a connection may ask for, and how many there may be."""
    limits = settings.limits
    return WsOptions(
        max_subscriptions=limits.websocket_subscriptions,
        max_connections=limits.websockets,
        address_connections=limits.websockets_per_address,
        account_connections=limits.websockets_per_account,
        compression=limits.websocket_compression,
        messages_per_second=limits.websocket_messages_per_second,
        buffer_bytes=limits.websocket_buffer_bytes,
        allowed_origins=settings.http.cors_origins,
    )


def route_limits(settings: Settings) -> Mapping[RouteClass, ClassLimits]:
    """Return how many calls an address and an account may send."""
    limits = settings.limits
    return class_limits(
        address=(limits.address_per_second, limits.address_burst),
        account=(limits.user_per_second, limits.user_burst),
        logins_per_minute=limits.login_per_minute,
        key=(limits.key_per_second, limits.key_burst),
    )
