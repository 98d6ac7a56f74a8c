"""Domain and pages of passkeys belong together; production assumes nothing."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cse.settings import Settings
from cse.settings.sections import PasskeySettings
from cse.users.passkeys.model import RelyingParty
from cse.wiring.passkeys import relying_party


@pytest.mark.parametrize(
    "wrong",
    [
        {"rp_id": "exchange.example"},
        {"origins": ("https://exchange.example",)},
        {"rp_id": "exchange.example", "origins": ("http://exchange.example",)},
        {"rp_id": "exchange.example", "origins": ("https://evilexchange.example",)},
        {"rp_id": "exchange.example", "origins": ("https://exchange.example.evil.example",)},
        {"rp_id": "exchange.example", "origins": ("https://exchange.example/page",)},
        {"rp_id": "exchange.example", "origins": ("https://a@exchange.example",)},
        {"rp_id": "exchange.example", "origins": ("*",)},
    ],
)
def test_what_does_not_belong_together_is_refused(wrong: dict[str, Any]) -> None:
    """A start fails, rather than passkeys that no page of ours can use, or that others could."""
    with pytest.raises(ValidationError):
        PasskeySettings(**wrong)


def test_pages_of_the_domain_and_below_it_are_taken() -> None:
    """With and without a port, and nothing but them."""
    chosen = ("https://exchange.example", "https://app.exchange.example:8443")
    given = PasskeySettings(rp_id="exchange.example", origins=chosen)
    party = relying_party(Settings(mode="production", passkeys=given))
    assert party == RelyingParty("exchange.example", chosen)
    assert party.accepts("https://app.exchange.example:8443")
    assert not party.accepts("https://app.exchange.example:8444")


def test_the_sandbox_takes_localhost_and_production_nobody(tmp_path: Path) -> None:
    """Any port of this machine, never another name that begins alike."""
    party = relying_party(Settings(data_dir=tmp_path))
    assert party is not None
    assert party.rp_id == "localhost"
    for good in ("http://localhost", "http://localhost:8000", "http://localhost:5173"):
        assert party.accepts(good)
    for bad in (
        "http://localhost.evil.example:8000",
        "http://localhost:8000.evil.example",
        "http://localhost:*",
        "http://localhost:",
        "http://localhost:\u0661",
        "https://localhost:8000",
        "null",
    ):
        assert not party.accepts(bad), bad
    assert relying_party(Settings(mode="production", data_dir=tmp_path)) is None
