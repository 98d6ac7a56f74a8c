"""Debian's Chromium, driven by Playwright, for tests of what only a browser can show.

Nothing is downloaded: the browser is the system's (`tools/install_test_servers.sh`), the driver is in Playwright's
wheel.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, Route, async_playwright

from tests.servers import ServerUnavailableError

MISSING: Final = "these tests need Chromium: apt-get install chromium (make test does it as root)"
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_BLANK: Final = "<!doctype html><title>test</title>"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser that ends with the context; raises `ServerUnavailableError` where there is none."""
    program = shutil.which("chromium")
    if program is None:
        raise ServerUnavailableError(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def blank_page(browser: Browser, origin: str) -> AsyncIterator[Page]:
    """An empty page of this origin, in a profile of its own, whose scripts can call the origin's API."""
    context = await browser.new_context()
    page = await context.new_page()

    async def answer(route: Route) -> None:
        await route.fulfill(body=_BLANK, content_type="text/html")

    await page.route(f"{origin}/blank", answer)
    await page.goto(f"{origin}/blank")
    try:
        yield page
    finally:
        await context.close()


class VirtualAuthenticator:
    """An authenticator built into the browser's device: keeps passkeys and verifies who uses them.

    https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
    """

    def __init__(self, session: CDPSession, own_id: str) -> None:
        self._session = session
        self._id = own_id

    @classmethod
    async def plug_into(cls, page: Page) -> "VirtualAuthenticator":
        """A new one, which serves this page."""
        session = await page.context.new_cdp_session(page)
        await session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(session, made["authenticatorId"])

    async def credentials(self) -> list[dict[str, Any]]:
        """Every passkey in it, its private key included."""
        return (await self._told("WebAuthn.getCredentials"))["credentials"]  # type: ignore[no-any-return]  # JSON

    async def put(self, credential: dict[str, Any]) -> None:
        """Put a passkey into it, in the place of the one with the same id."""
        await self._told("WebAuthn.removeCredential", credentialId=credential["credentialId"])
        await self._told("WebAuthn.addCredential", credential=credential)

    async def verify_nobody(self) -> None:
        """Let every verification fail from now on, as with a wrong finger."""
        await self._told("WebAuthn.setUserVerified", isUserVerified=False)

    async def touch(self, *, by_itself: bool) -> None:
        """Whether requests that begin from now on are answered at once, or wait for a person."""
        await self._told("WebAuthn.setAutomaticPresenceSimulation", enabled=by_itself)

    async def _told(self, method: str, **more: Any) -> Any:
        return await self._session.send(method, {"authenticatorId": self._id, **more})
