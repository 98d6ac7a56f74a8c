"""Signing in through other providers, with those that are configured."""

from cse.adapters.oauth.client import Client
from cse.adapters.oauth.google import SCOPE, YouTubeProvider
from cse.adapters.oauth.plain import discord_provider, x_provider
from cse.adapters.outgoing.client import Bounds, OutgoingHttp
from cse.adapters.outgoing.targets import origin_of
from cse.adapters.sql.linked import SqlLinkedStore
from cse.core.clock import Clock
from cse.settings import Settings
from cse.users.accounts import AccountOpener
from cse.users.linked.flows import Flows
from cse.users.linked.joining import Joining
from cse.users.linked.ports import IdentityProvider
from cse.users.linked.service import LinkedIdentities, LinkedParts
from cse.users.refused_logins import RefusedLogIns
from cse.wiring.ground import Ground


def linked_identities(ground: Ground) -> LinkedIdentities:
    """Put it together; without a provider it still lists and removes what is linked."""
    settings, engine, core, deps = ground
    store = SqlLinkedStore(engine)
    return LinkedIdentities(
        LinkedParts(
            providers={each.name: each for each in _providers(settings, core.clock)},
            redirect_page=settings.oauth_page,
            flows=Flows(core.cache, core.box, core.clock),
            store=store,
            joining=Joining(
                users=core.users,
                store=store,
                opener=AccountOpener(core.users, core.queue, core.clock),
                clock=core.clock,
                require_open=deps.users.require_open,
            ),
            sessions=core.sessions,
            factors=core.factors,
            step_ups=core.step_ups,
            trail=core.trail,
            refused=RefusedLogIns(core.trail, core.clock),
            notices=core.notices,
            clock=core.clock,
        )
    )


def _providers(settings: Settings, clock: Clock) -> list[IdentityProvider]:
    asked = settings.oauth
    if not asked.is_on:
        return []
    private = [origin_of(each) for each in asked.private_origins]
    http = OutgoingHttp(private, bounds=Bounds(seconds=asked.timeout_ms / 1_000))
    found: list[IdentityProvider] = []
    if asked.x_client_id:
        secret = asked.x_client_secret.get_secret_value()
        found.append(x_provider(http, asked.x_client_id, secret, asked.x_authorize, asked.x_api))
    if asked.discord_client_id:
        secret = asked.discord_client_secret.get_secret_value()
        found.append(discord_provider(http, asked.discord_client_id, secret, asked.discord_url))
    if asked.youtube_client_id:
        secret = asked.youtube_client_secret.get_secret_value()
        client = Client(asked.youtube_client_id, secret, SCOPE)
        found.append(YouTubeProvider(http, client, asked.youtube_issuer, asked.youtube_api, clock))
    return found
