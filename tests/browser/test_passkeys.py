"""Passkeys in a real browser with a virtual authenticator, against a real gateway: made, used everywhere, removed."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from playwright.async_api import Error as BrowserError

from tests.browser.chromium import VirtualAuthenticator, blank_page
from tests.integration.http_server import PASSWORD, Served, served_exchange

_SCRIPT = """
window.call = async (method, path, body, token) => {
    const headers = {};
    if (body !== null) headers['content-type'] = 'application/json';
    if (token) headers['authorization'] = 'Bearer ' + token;
    const given = body === null ? null : JSON.stringify(body);
    const answer = await fetch(path, {method, headers, body: given});
    return {status: answer.status, body: await answer.json()};
};
window.make = async (options) => (await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON();
window.use = async (options) => (await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON();
"""
"""What a client of ours does: the browser's own translation to and from JSON, nothing else in between."""


class Client:
    """A page of the exchange with somebody before it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.token = ""
        self.handle = f"ada_{secrets.token_hex(4)}"
        self.who = {"email": f"{self.handle}@example.com", "password": PASSWORD}

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        given = [method, f"/api{path}", body, self.token]
        told = await self.page.evaluate("args => call(...args)", given)
        return told["status"], told["body"]

    async def good(self, method: str, path: str, body: Any = None) -> Any:
        status, told = await self.call(method, path, body)
        assert status in {200, 201}, told
        return told

    async def make(self, options: Any) -> Any:
        return await self.page.evaluate("options => make(options)", options)

    async def use(self, options: Any) -> Any:
        return await self.page.evaluate("options => use(options)", options)

    async def add(self, label: str) -> Any:
        """Make a passkey and add it."""
        options = await self.good("POST", "/auth/passkeys/options")
        made = await self.make(options["public_key"])
        return await self.good("POST", "/auth/passkeys", {"credential": made, "label": label})

    async def log_in(self, **more: Any) -> None:
        self.token = (await self.good("POST", "/auth/login", {**self.who, **more}))["access_token"]

    async def passkey_log_in(self) -> tuple[int, Any]:
        """Log in without naming anybody."""
        options = await self.good("POST", "/auth/passkeys/login/options")
        used = await self.use(options["public_key"])
        return await self.call("POST", "/auth/passkeys/login", {"credential": used})


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def ada(browser: Browser, exchange: Served) -> AsyncIterator[Client]:
    """Somebody who is registered and logged in, at http://localhost: a secure context."""
    async with blank_page(browser, exchange.url.replace("127.0.0.1", "localhost")) as page:
        await page.add_script_tag(content=_SCRIPT)
        client = Client(page)
        await client.good("POST", "/auth/register", {**client.who, "handle": client.handle})
        await client.log_in()
        yield client


async def test_a_passkey_from_its_making_to_its_removal(ada: Client) -> None:
    """Added, listed, named; logs in alone and beside the password; steps up; its copy is caught; removed."""
    authenticator = await VirtualAuthenticator.plug_into(ada.page)
    added = await ada.add("this machine")
    assert len(added["recovery_codes"]) == 10
    own = added["passkey"]["id"]
    listed = (await ada.good("GET", "/auth/passkeys"))["passkeys"]
    assert [(each["id"], each["label"], each["transports"]) for each in listed] == [
        (own, "this machine", ["internal"])
    ]
    await ada.good("PATCH", f"/auth/passkeys/{own}", {"label": "laptop"})

    status, tokens = await ada.passkey_log_in()
    assert status == 200, tokens
    ada.token = tokens["access_token"]

    status, asked = await ada.call("POST", "/auth/login", ada.who)
    assert (status, asked["code"]) == (401, "second_factor_required")
    assert asked["second_factor"]["kinds"] == ["passkey", "recovery_code"]
    used = await ada.use(asked["second_factor"]["passkey_options"])
    await ada.log_in(passkey=used)
    status, again = await ada.call("POST", "/auth/login", {**ada.who, "passkey": used})
    assert (status, again["code"]) == (401, "wrong_second_factor")

    options = await ada.good("POST", "/auth/passkeys/step-up/options")
    proof = await ada.use(options["public_key"])
    assert "good_until" in await ada.good("POST", "/auth/step-up", {"passkey": proof})

    status, last = await ada.call("DELETE", f"/auth/passkeys/{own}")
    assert (status, last["code"]) == (409, "last_factor")
    await ada.good("POST", f"/auth/passkeys/{own}/remove", {"password": PASSWORD})
    status, refused = await ada.passkey_log_in()
    assert (status, refused["code"]) == (401, "wrong_passkey")
    await ada.log_in()
    assert len(await authenticator.credentials()) == 1


async def test_copies_strangers_and_wrong_fingers(ada: Client) -> None:
    """An older copy of the key is refused, no authenticator makes a second one, nobody unverified comes through."""
    authenticator = await VirtualAuthenticator.plug_into(ada.page)
    await ada.add("this machine")
    copy = (await authenticator.credentials())[0]
    for _ in range(2):
        assert (await ada.passkey_log_in())[0] == 200
    await authenticator.put(copy)
    status, refused = await ada.passkey_log_in()
    assert (status, refused["code"]) == (401, "wrong_passkey")
    options = await ada.good("POST", "/auth/passkeys/options")
    with pytest.raises(BrowserError, match="InvalidStateError"):
        await ada.make(options["public_key"])
    await authenticator.verify_nobody()
    with pytest.raises(BrowserError, match="NotAllowedError"):
        await ada.passkey_log_in()
