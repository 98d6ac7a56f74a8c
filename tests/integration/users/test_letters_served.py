"""Letters through the whole exchange as a process: the sandbox's mailbox page, and production without a mail server."""

import re
from pathlib import Path

import httpx

from tests.integration.exchange import PASSWORD, Exchange
from tests.waiting import wait_until

ADA = {"email": "ada@example.com", "password": PASSWORD, "handle": "ada"}


def post(running: Exchange, call: str, body: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{running.base}/api/auth/{call}", json=body, timeout=20)


def page(running: Exchange, **headers: str) -> httpx.Response:
    return httpx.get(f"{running.base}/dev/mailbox", headers=headers, timeout=20)


def test_the_sandbox_shows_its_letters_and_their_links_work(tmp_path: Path) -> None:
    """Registering puts a letter on /dev/mailbox and its token into the log; the token proves the address.

    Whoever comes through a proxy, or by another name, sees no page.
    """
    with Exchange(tmp_path) as running:
        assert post(running, "register", ADA).status_code == 201
        wait_until(lambda: "Verify your e-mail" in page(running).text, 60, "the letter")
        found = re.search(r"#token=([\w-]+)", page(running).text)
        assert found is not None
        assert found[1] in running.out + running.err
        assert page(running, **{"x-forwarded-for": "203.0.113.7"}).status_code == 404
        assert page(running, host="evil.example").status_code == 404
        proved = post(running, "verify-email", {"token": found[1]})
        assert (proved.status_code, proved.json()["user"]["handle"]) == (200, "ada")
        assert post(running, "password-reset", {"email": ADA["email"]}).status_code == 202
        wait_until(lambda: "A new password" in page(running).text, 60, "the second letter")
        running.stop()


def test_production_without_a_mail_server_says_so(tmp_path: Path) -> None:
    """Nobody can register or reset a password: 503, at once; there is no mailbox page."""
    env = {"CSE_MODE": "production", "CSE_TOKENS_BCRYPT_COST": "12"}
    with Exchange(tmp_path, env=env) as running:
        body = {"token": "x" * 43, "password": "a much better password"}
        for call, given in (
            ("register", ADA),
            ("password-reset", {"email": ADA["email"]}),
            ("password-reset/confirm", body),
            ("verify-email/resend", {"email": ADA["email"]}),
        ):
            refused = post(running, call, given)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable"), call
            assert "sends no mails" in refused.json()["detail"]
        assert page(running).status_code == 404
        running.stop()
