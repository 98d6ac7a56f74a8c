"""The in-process exchange behind a real uvicorn on a free port, in a thread with a loop of its own."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn

from cse.entrypoints.direct_protocol import DirectProtocol
from cse.users.authority import Role
from tests.integration.http_exchange import PASSWORD, HttpExchange, deposit, http_exchange
from tests.waiting import wait_until, wait_until_async


class Served(NamedTuple):
    """Where it listens, and an access token of somebody with play money."""

    url: str
    token: str
    staff: Mapping[str, str] = {}
    """Access tokens of people with one role each, by role, if they were asked for."""


class _Server(uvicorn.Server):
    """One that leaves the signals of the test's process alone."""

    def install_signal_handlers(self) -> None:
        """Nothing to install."""


@contextmanager
def served_exchange(folder: Path, roles: Sequence[Role] = (), **options: Any) -> Iterator[Served]:
    """A running exchange with one trader; it ends with the context. `options` are those of `http_exchange`."""
    ready: list[tuple[_Server, str, Mapping[str, str]]] = []
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(folder, ready, roles, options)), daemon=True
    )
    thread.start()
    try:
        wait_until(lambda: ready or not thread.is_alive(), 60, "the exchange to serve")
        server, token, staff = ready[0]
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", token, staff)
    finally:
        for server, *_ in ready:
            server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


async def _serve(
    folder: Path,
    ready: list[tuple[_Server, str, Mapping[str, str]]],
    roles: Sequence[Role],
    options: dict[str, Any],
) -> None:
    async with http_exchange(folder, **options) as exchange:
        trader = await exchange.person("trader")
        await deposit(trader, "USDC", "1000000")
        await deposit(trader, "NOVA", "100000")
        token = trader.headers["authorization"].partition(" ")[2]
        staff = {role.value: await _staff(exchange, role) for role in roles}
        config = uvicorn.Config(
            exchange.app,
            http=DirectProtocol,
            host="127.0.0.1",
            port=0,
            log_config=None,
            lifespan="off",
            timeout_keep_alive=600,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        await wait_until_async(lambda: server.started or serving.done(), 60, "uvicorn to start")
        ready.append((server, token, staff))
        await serving


async def _staff(exchange: HttpExchange, role: Role) -> str:
    """Return the token of a new person with a role."""
    person = await exchange.person(f"staff_{role.value}")
    token: str = person.headers["authorization"].partition(" ")[2]
    claims = exchange.people.tokens.verify(token)
    roles = exchange.deps.authority.roles
    await roles.grant(claims.user_id, role, actor="system", reason="test")
    return token


def client(served: Served, *, logged_in: bool = True) -> httpx.Client:
    """A client of the served exchange."""
    headers = {"authorization": f"Bearer {served.token}"} if logged_in else {}
    return httpx.Client(base_url=served.url, headers=headers, timeout=30)


__all__ = ["PASSWORD", "Served", "client", "served_exchange"]
