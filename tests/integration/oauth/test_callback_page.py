"""The exchange's own page that providers send people back to: strict, the same for everybody, nothing inline."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.oauth.stage import Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        yield made


async def test_the_page_is_the_same_whatever_comes_with_it(stage: Stage) -> None:
    """Nothing of the address is put into it, for each provider; other names are 404."""
    client = stage.exchange.client()
    plain = (await client.get("/oauth/callback/x")).content
    for name in ("x", "discord", "youtube"):
        query = {"code": "<script>alert(1)</script>", "state": '"><img src=x>', "error": "'"}
        answer = await client.get(f"/oauth/callback/{name}", params=query)
        assert answer.status_code == 200
        assert answer.content == plain
    assert (await client.get("/oauth/callback/myspace")).status_code == 404


async def test_the_policy_allows_nothing_inline_and_the_page_has_nothing_inline(
    stage: Stage,
) -> None:
    """Scripts are files of ours, and the code in the address goes to nobody else."""
    answer = await stage.exchange.client().get("/oauth/callback/x")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert re.findall(r"<script[^>]*>", answer.text) == ['<script src="/static/oauth.js" defer>']
    assert "</script>" in answer.text
    assert not re.search(r"\son\w+=|\sstyle=|<style", answer.text)


async def test_the_script_shows_what_it_is_told_as_text_only(stage: Stage) -> None:
    """No HTML is made of what providers, people or the address say."""
    script = (await stage.exchange.client().get("/static/oauth.js")).text
    assert "textContent" in script
    assert not re.search(r"innerHTML|outerHTML|document\.write|eval\(|insertAdjacentHTML", script)
