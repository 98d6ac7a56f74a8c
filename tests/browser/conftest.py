"""Fixtures of the browser tests."""

import fcntl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.market import quote
from tests.browser.web import ROOT
from tests.integration.exchange import Exchange

HERE: Final = Path(__file__).parent
# A page's parts come over the network of a machine that runs other tests, too.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests here in one event loop, that of the browser which they share."""
    in_one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(in_one_loop, append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    """A headless Chromium for all tests of a worker: one for each was a fourth of their time."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def browser(shared_browser: Browser) -> AsyncIterator[Browser]:
    """A headless Chromium without any profile (`new_context` makes them); what a test leaves open is closed."""
    yield shared_browser
    for context in shared_browser.contexts:
        await context.close()


@pytest.fixture(scope="session")
def built_app(run_folder: Path) -> None:
    """The web app as it is in the tree, built; once for all workers."""
    with (run_folder / "web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run(
            [ROOT / "tools/web.sh", "build"],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert built.returncode == 0, built.stdout + built.stderr


@pytest.fixture(scope="module")
def web_exchange(built_app: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange without bots that serves the app, shared by a module's tests: use people of your own."""
    with Exchange(tmp_path_factory.mktemp("web")) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def quoted(web_exchange: Exchange) -> Exchange:
    """The module's exchange with a market that has a price."""
    quote(web_exchange)
    return web_exchange


@pytest.fixture(scope="module")
def lively_exchange(
    built_app: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """An exchange with its bots, whose markets move."""
    with Exchange(tmp_path_factory.mktemp("lively"), "--port", "0") as exchange:
        yield exchange
