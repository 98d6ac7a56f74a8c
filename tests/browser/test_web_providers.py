"""Signing in and linking through providers, in a browser that goes to one which runs and comes back."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.browser.letters import link_to
from tests.browser.test_web_sign_in import code, enrol, is_in
from tests.browser.web import axe, log_in, watched_page
from tests.integration.exchange import Exchange
from tests.integration.oauth.local_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    LocalProvider,
    local_provider,
)
from tests.servers.process import free_port

REFUSED = "Failed to load resource"


class Stage(NamedTuple):
    """An exchange with Discord and X, both of which are one local provider."""

    exchange: Exchange
    provider: LocalProvider

    @property
    def base(self) -> str:
        """Where providers send people back to unless the settings say otherwise: by name, as letters do."""
        return self.exchange.base.replace("127.0.0.1", "localhost")

    @property
    def allowed(self) -> list[str]:
        """What pages of this exchange may say beyond its own: they go to the provider, and are refused at times."""
        return [f"request to {self.provider.origin}/", REFUSED]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(built_app: None, tmp_path: Path) -> AsyncIterator[Stage]:
    port = free_port()
    async with local_provider(f"http://localhost:{port}/oauth/callback") as provider:
        settings = {
            "CSE_OAUTH_DISCORD_CLIENT_ID": CLIENT_ID,
            "CSE_OAUTH_DISCORD_CLIENT_SECRET": CLIENT_SECRET,
            "CSE_OAUTH_DISCORD_URL": provider.origin,
            "CSE_OAUTH_X_CLIENT_ID": CLIENT_ID,
            "CSE_OAUTH_X_CLIENT_SECRET": CLIENT_SECRET,
            "CSE_OAUTH_X_AUTHORIZE": provider.origin,
            "CSE_OAUTH_X_API": provider.origin,
            "CSE_OAUTH_PRIVATE_ORIGINS": provider.origin,
        }
        exchange = Exchange(tmp_path, "--no-bots", "--port", str(port), env=settings)
        try:
            yield Stage(await asyncio.to_thread(exchange.start), provider)
        finally:
            await asyncio.to_thread(exchange.__exit__)


async def come_in(page: Page, stage: Stage, name: str) -> None:
    """Somebody new, who has proved their address: only those link anything."""
    await log_in(page, stage.base, name)
    await page.goto(link_to(stage.base, f"{name}@example.com", "/verify-email"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your address is proved")


async def log_out(page: Page) -> None:
    """By the menu, as a person does."""
    await page.get_by_role("button", name="Account menu").click()
    await page.get_by_role("menuitem", name="Log out").click()
    await expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()


async def refuse(request: Request) -> Response:
    """The person says no at the provider."""
    back = request.query_params
    where = f"{back['redirect_uri']}?error=access_denied&state={back['state']}"
    return RedirectResponse(where, 302)


async def test_an_account_begins_with_a_provider_and_opens_by_it(
    browser: Browser, stage: Stage
) -> None:
    """The first time a handle is chosen; the next time one press is enough; no code stays in the address bar."""
    stage.provider.person |= {"email": "nils@example.com", "verified": True}
    async with watched_page(browser, stage.base, allowed=stage.allowed) as watched:
        page = watched.page
        with stage.exchange.person("mona"):
            pass
        await page.goto("/login")
        await page.get_by_role("button", name="Go on with Discord").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Welcome from Discord")
        assert "code=" not in page.url
        assert await axe(page) == []
        await page.get_by_label("Handle").fill("mona")
        await page.get_by_role("button", name="Sign up").click()
        await expect(page.get_by_text("This handle is taken")).to_be_visible()
        await page.get_by_label("Handle").fill("nils")
        await page.get_by_role("button", name="Sign up").click()
        await is_in(page)
        await log_out(page)
        await page.goto("/login")
        await page.get_by_role("button", name="Go on with Discord").click()
        await is_in(page)
        await expect(page).not_to_have_url(re.compile("oauth"))


async def test_a_provider_is_linked_and_unlinked(browser: Browser, stage: Stage) -> None:
    """Linked on the security page it is listed and signs in; unlinked it opens nothing any more."""
    async with watched_page(browser, stage.base, allowed=stage.allowed) as watched:
        page = watched.page
        await come_in(page, stage, "omar")
        await page.goto("/account/security")
        part = page.get_by_role("region", name="Sign-in elsewhere")
        await part.get_by_role("button", name="Link X").click()
        await expect(page).to_have_url(re.compile("/account/security$"))
        await expect(part.get_by_role("row").filter(has_text="X")).to_contain_text("@ada")
        assert await axe(page) == []
        await log_out(page)
        await page.goto("/login?next=/wallet")
        await page.get_by_role("button", name="Go on with X").click()
        await is_in(page)
        await page.goto("/account/security")
        await part.get_by_role("button", name="Unlink").click()
        await expect(part.get_by_role("row")).to_have_count(0)
        await log_out(page)
        await page.goto("/login")
        await page.get_by_role("button", name="Go on with X").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
        await expect(page.get_by_text("confirms no e-mail address of yours")).to_be_visible()


async def test_what_somebody_else_has_linked_is_refused(browser: Browser, stage: Stage) -> None:
    """Said on a page of its own, which leads back to where it was begun; a refusal at the provider changes nothing."""
    async with watched_page(browser, stage.base, allowed=stage.allowed) as watched:
        page = watched.page
        await come_in(page, stage, "pete")
        await page.goto("/account/security")
        await page.get_by_role("button", name="Link X").click()
        part = page.get_by_role("region", name="Sign-in elsewhere")
        await expect(part.get_by_role("row").filter(has_text="X")).to_contain_text("@ada")
    async with watched_page(browser, stage.base, allowed=stage.allowed) as watched:
        page = watched.page
        await come_in(page, stage, "quin")
        for _ in range(2):
            await page.goto("/account/security")
            await page.get_by_role("button", name="Link X").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
            assert await axe(page) == []
            stage.provider.faults["/i/oauth2/authorize"] = refuse
        await expect(page.get_by_text("The other side refused")).to_be_visible()
        await page.get_by_role("main").get_by_role("link", name="Back to your security").click()
        await expect(page).to_have_url(re.compile("/account/security$"))


async def test_a_provider_does_not_get_around_the_second_factor(
    browser: Browser, stage: Stage
) -> None:
    """Who comes back from the provider is asked for the code of their authenticator."""
    async with watched_page(browser, stage.base, allowed=stage.allowed) as watched:
        page = watched.page
        await come_in(page, stage, "rosa")
        await page.goto("/account/security")
        await page.get_by_role("button", name="Link Discord").click()
        await expect(page.get_by_role("row").filter(has_text="Discord")).to_be_visible()
        secret, _ = await enrol(page)
        await log_out(page)
        await page.goto("/login?next=/wallet")
        await page.get_by_role("button", name="Go on with Discord").click()
        field = page.get_by_label("Code of your authenticator")
        await field.fill("000000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("The code is wrong")).to_be_visible()
        await field.fill(code(secret, 1))
        await page.keyboard.press("Enter")
        await is_in(page)
