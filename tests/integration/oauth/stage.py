"""An exchange whose three providers are one local server, and a person with a browser in front of both."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import httpx

from cse.adapters.clock import SystemClock
from cse.adapters.sql.audit import SqlAuditLog
from cse.settings import Settings
from cse.settings.oauth import OAuthSettings
from cse.users.audit_log import AuditFilter, AuditRecord
from tests.integration.http_exchange import HttpExchange, good, http_exchange
from tests.integration.oauth.local_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    LocalProvider,
    local_provider,
)
from tests.integration.outbox import tokens_of

logging.getLogger("httpx").setLevel(
    logging.WARNING
)  # the tests' browser: it would print URLs with states
PAGE = "http://app.test/oauth/callback"


class Stage(NamedTuple):
    """Both sides."""

    exchange: HttpExchange
    provider: LocalProvider

    async def person(self, name: str) -> httpx.AsyncClient:
        """A client that is logged in as this new person, who has shown that their address is theirs."""
        client = await self.exchange.person(name)
        for token in await tokens_of(self.exchange):
            good(await client.post("/api/auth/verify-email", json={"token": token}))
        return client

    async def recorded(self) -> Sequence[AuditRecord]:
        """What the audit log holds, oldest first."""
        log = SqlAuditLog(self.exchange.engine, SystemClock())
        found = await log.search(AuditFilter(), before=None, limit=1_000)
        return list(reversed(found))


def settings(folder: Path, origin: str, **more: Any) -> Settings:
    """Settings whose providers are at `origin`."""
    known: dict[str, Any] = {
        "redirect_page": PAGE,
        "timeout_ms": 30_000,
        "private_origins": (origin,),
        "x_client_id": CLIENT_ID,
        "x_client_secret": CLIENT_SECRET,
        "x_authorize": origin,
        "x_api": origin,
        "discord_client_id": CLIENT_ID,
        "discord_client_secret": CLIENT_SECRET,
        "discord_url": origin,
        "youtube_client_id": CLIENT_ID,
        "youtube_client_secret": CLIENT_SECRET,
        "youtube_issuer": origin,
        "youtube_api": origin,
        **more,
    }
    return Settings(data_dir=folder, oauth=OAuthSettings(**known))


@asynccontextmanager
async def staged(folder: Path, **more: Any) -> AsyncIterator[Stage]:
    """Both running."""
    async with (
        local_provider(PAGE) as provider,
        http_exchange(folder, settings=settings(folder, provider.origin, **more)) as exchange,
    ):
        yield Stage(exchange, provider)


async def begin(client: httpx.AsyncClient, provider: str, purpose: str = "sign_in") -> Any:
    """The answer to `start`."""
    path = f"/api/auth/oauth/{provider}/start"
    return good(await client.post(path, json={"purpose": purpose}))


async def allow(started: Any) -> dict[str, str]:
    """A browser goes to the provider, its person agrees; what comes back to our page."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.get(started["authorization_url"])
    assert answer.status_code == 302, answer.text
    where = urlsplit(answer.headers["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == started["redirect_uri"]
    return dict(parse_qsl(where.query))


async def finish(
    client: httpx.AsyncClient, provider: str, back: dict[str, str], **more: Any
) -> httpx.Response:
    """Sends on what came back."""
    return await client.post(f"/api/auth/oauth/{provider}/finish", json={**back, **more})


async def through(
    client: httpx.AsyncClient, provider: str, purpose: str = "sign_in", **more: Any
) -> httpx.Response:
    """The whole way, in one browser: its cookie shows who began it."""
    back = await allow(await begin(client, provider, purpose))
    return await finish(client, provider, back, **more)
