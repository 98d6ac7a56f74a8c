"""What tests of the web app share: pages that are watched, people who are logged in, and axe.

A `Watched` page keeps what no page may have: console errors, uncaught exceptions, violations of the content security
policy and requests that go elsewhere. Tests open pages by `watched_page`, which looks at them in the end.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.integration.exchange import PASSWORD

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "web/node_modules/axe-core/axe.min.js"
DESKTOP: Final = (1440, 900)
TABLET: Final = (820, 1180)
PHONE: Final = (390, 844)
# WCAG 2.0 to 2.2, levels A and AA.
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_LISTEN: Final = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
# A dialog that is still fading in has the contrast of neither state. What turns for ever (a spinner) is not waited for.
_AT_REST: Final = """
async () => {
  await document.fonts.ready
  await Promise.all(document.getAnimations()
    .filter(({effect}) => effect?.getComputedTiming().endTime !== Infinity)
    .map(({finished}) => finished.catch(() => undefined)))
}
"""


_LATE: Final = "preloaded using link preload but not used within a few seconds"


@dataclass
class Watched:
    """A page, and what is wrong with it so far."""

    page: Page
    origin: str
    wrong: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    """Pieces of console messages that this test brings about itself (a refused log-in, a stopped server)."""

    def hear(self, message: ConsoleMessage) -> None:
        """Keeps errors and warnings of the console, but for what it says of a slow machine alone."""
        if message.type in {"error", "warning"} and _LATE not in message.text:
            self._keep(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def crash(self, error: Exception) -> None:
        """Keeps an exception that nobody caught."""
        self._keep(f"uncaught: {error}")

    def see(self, request: Request) -> None:
        """Keeps a request to anywhere but the exchange."""
        url = urlsplit(request.url)
        if url.scheme in {"data", "blob"}:
            return
        if url.netloc != urlsplit(self.origin).netloc:
            self._keep(f"request to {request.url}")

    async def check(self) -> None:
        """Fails with everything that was wrong."""
        violations = await self.page.evaluate("window.__violations ?? []")
        found = self.wrong + [f"content security policy: {each}" for each in violations]
        assert not found, "\n".join(found)

    def _keep(self, told: str) -> None:
        if not any(piece in told for piece in self.allowed):
            self.wrong.append(told)


@asynccontextmanager
async def watched_page(
    browser: Browser,
    origin: str,
    *,
    size: tuple[int, int] = DESKTOP,
    context: BrowserContext | None = None,
    allowed: Sequence[str] = (),
    preferences: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Watched]:
    """A page in a profile of its own (or in `context`) that must end without anything wrong.

    `preferences` are those of web/src/app/preferences.ts; `options` go to Playwright's `new_context`.
    """
    own = context is None
    inside = context or await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=origin, **options
    )
    page = await inside.new_page()
    watched = Watched(page, origin, allowed=list(allowed))
    page.on("console", watched.hear)
    page.on("pageerror", watched.crash)
    page.on("request", watched.see)
    await page.add_init_script(_LISTEN)
    if preferences is not None:
        saved = json.dumps(json.dumps({"state": preferences, "version": 1}))
        # Only where there are none yet, so that what a test changes outlives a reload.
        await page.add_init_script(
            f'localStorage.getItem("cse.preferences") ?? localStorage.setItem("cse.preferences", {saved})'
        )
    try:
        yield watched
        await watched.check()
    finally:
        if own:
            await inside.close()


async def log_in(page: Page, origin: str, name: str, *, register: bool = True) -> None:
    """Makes this profile's person `name`, as the log-in page would: the refresh token becomes the profile's cookie."""
    who = {"email": f"{name}@example.com", "password": PASSWORD}
    headers = {"X-CSE-Client": "web", "Origin": origin}
    if register:
        made = await page.request.post(
            f"{origin}/api/auth/register", data={**who, "handle": name}, headers=headers
        )
        assert made.status in {201, 409}, await made.text()
    done = await page.request.post(f"{origin}/api/auth/login", data=who, headers=headers)
    assert done.ok, await done.text()


async def at_rest(page: Page) -> None:
    """Returns once nothing moves any more and letters are the ones that they will be."""
    await page.evaluate(_AT_REST)


async def axe(page: Page, *, without: Sequence[str] = ()) -> list[str]:
    """What axe-core finds on the page at rest, a line each; `without` are rules with a reason at the caller."""
    await at_rest(page)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": _RULES},
        "rules": {rule: {"enabled": False} for rule in without},
    }
    result = await page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
