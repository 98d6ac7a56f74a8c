"""docs/guides/first-account.md, walked as it stands: from nothing to a filled order; the audit log tells all of it."""

import asyncio
import csv
import json
import re
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from tests.browser.chromium import VirtualAuthenticator
from tests.integration.exchange import Exchange, deposit, place
from tests.integration.oauth.local_provider import CLIENT_ID, CLIENT_SECRET, local_provider

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/first-account.md").read_text(encoding="utf-8")
BACK = "http://localhost/oauth/callback"
IN_SESSION = {
    "factor.add",
    "linked_identity.link",
    "api_key.make",
    "money.sandbox_deposit",
}
ACTS = IN_SESSION | {
    "user.register",
    "user.verify_email",
    "session.log_in",
    "factor.use_recovery_code",
}


class Reader:
    """Somebody who pastes the guide: into Python, into the console of their browser, and agrees at the provider."""

    def __init__(self, base: str, browser: Browser) -> None:
        self.base = base
        self.browser = browser
        self.sent_back_to = ""
        self.names: dict[str, Any] = {"input": lambda _asked: self.sent_back_to}

    async def walk(self) -> None:
        """Pastes every block, in order."""
        blocks = re.findall(r"```(python|js)\n(.*?)```", GUIDE, re.DOTALL)
        assert [language for language, _ in blocks].count("js") == 1
        for language, block in blocks:
            if language == "python":
                await asyncio.to_thread(self.python, block)
            else:
                await self.console(block)

    def python(self, block: str) -> None:
        """Runs a piece of Python; only the port is another one."""
        exec(block.replace("http://127.0.0.1:8000", self.base), self.names)

    async def console(self, block: str) -> None:
        """Runs a piece of JavaScript on the exchange's home page, which is at `localhost`."""
        context = await self.browser.new_context()
        page = await context.new_page()
        await VirtualAuthenticator.plug_into(page)
        await page.goto(self.base.replace("127.0.0.1", "localhost") + "/")
        token = self.names["tokens"]["access_token"]
        assert 'const token = "...";' in block
        pasted = block.replace('const token = "...";', f"const token = {json.dumps(token)};")
        await page.evaluate(f"(async () => {{ {pasted} }})()")
        await context.close()

    def open(self, url: str) -> bool:
        """Goes to the provider and agrees, in the place of `webbrowser.open`."""
        answer = httpx.get(url, trust_env=False, timeout=30)
        assert answer.status_code == 302, answer.text
        self.sent_back_to = answer.headers["location"]
        return True


def channel(provider: str) -> dict[str, str]:
    """Settings of an exchange for which YouTube is our own provider."""
    return {
        "CSE_OAUTH_YOUTUBE_CLIENT_ID": CLIENT_ID,
        "CSE_OAUTH_YOUTUBE_CLIENT_SECRET": CLIENT_SECRET,
        "CSE_OAUTH_YOUTUBE_ISSUER": provider,
        "CSE_OAUTH_YOUTUBE_API": provider,
        "CSE_OAUTH_PRIVATE_ORIGINS": provider,
        "CSE_OAUTH_REDIRECT_PAGE": BACK,
    }


def somebody_sells(exchange: Exchange) -> None:
    """There is something to buy: without bots nobody else is here."""
    with exchange.person("bob") as bob:
        deposit(bob, "NOVA", "100", "nova")
        place(bob, "sell", "1.2500", "10.00")


def audit(exchange: Exchange, *words: str) -> str:
    """What `cse audit` says of the exchange's log."""
    command = [sys.executable, "-m", "cse.cli", "audit", *words]
    ran = subprocess.run(
        [*command, "--data-dir", str(exchange.data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


async def test_the_guide_works_as_pasted_and_the_audit_log_tells_it(
    tmp_path: Path,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Proved address, authenticator, passkey, linked channel, key, a filled order; each act by whom and from where."""
    async with local_provider(BACK) as provider:
        provider.channels = [{"id": "UC1", "snippet": {"title": "Ada plays"}}]
        exchange = Exchange(tmp_path, env=channel(provider.origin))
        try:
            await asyncio.to_thread(exchange.start)
            await asyncio.to_thread(somebody_sells, exchange)
            reader = Reader(exchange.base, browser)
            monkeypatch.setattr(webbrowser, "open", reader.open)
            await reader.walk()
            reader.names["http"].close()
            verified = await asyncio.to_thread(audit, exchange, "verify")
            exported = await asyncio.to_thread(audit, exchange, "export")
        finally:
            await asyncio.to_thread(exchange.__exit__)
    printed = capsys.readouterr().out
    assert "['This computer']" in printed
    assert "Ada plays" in printed
    assert "filled 2.00" in printed
    assert "1.996000" in printed
    assert verified.startswith("whole: "), verified
    records = list(csv.DictReader(exported.splitlines()))
    ada = next(each["object"] for each in records if each["act"] == "user.verify_email")
    hers = [each for each in records if each["actor"] == ada]
    assert {each["act"] for each in hers} >= ACTS
    assert {each["ip"] for each in hers} == {"127.0.0.1"}
    in_session = [each for each in hers if each["act"] in IN_SESSION]
    assert all(each["session_id"] for each in in_session), in_session
