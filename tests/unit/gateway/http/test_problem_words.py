"""The web app has words, in each of its languages, for every problem that a person can meet in it."""

import json
from typing import Final

from cse.gateway.http.openapi import problem_codes
from tests.unit.house.sources import ROOT

LOCALES: Final = ROOT / "web/src/i18n/locales"
PLACES: Final = ("common", "auth", "account", "admin")
"""As in web/src/app/problem-text.ts: what happens in one place only is loaded with it."""
OURS: Final = {"offline", "ours", "unknown", "passkey_known_here", "passkey_not_possible"}
"""What the app itself says, or a browser in the exchange's place."""
# Requests that the app does not make: of a wrong form, signed, or about what has no page.
FOR_PROGRAMS: Final = {
    "account_exists",
    "already_applied",
    "asset_exists",
    "head_too_large",
    "invalid_api_key",
    "invalid_cursor",
    "invalid_json",
    "invalid_timeout",
    "malformed_request",
    "method_not_allowed",
    "signature_used",
    "timestamp_outside_window",
    "unsupported_media_type",
    "url_too_long",
    "withdrawal_not_found",
    "withdrawal_not_held",
}
# The page goes on by itself: asks for the second factor or a handle, shows a log-in, hands on what a program needs.
ASKED_FOR: Final = {
    "binding_required",
    "handle_required",
    "invalid_refresh_token",
    "refresh_token_expired",
    "refresh_token_reused",
    "second_factor_required",
}


def words() -> set[str]:
    """The codes that English has words for; web/src/i18n/locales.test.ts holds the other languages to it."""
    files = [LOCALES / f"en/{place}.json" for place in PLACES]
    found = [
        code for file in files for code in json.loads(file.read_text(encoding="utf-8"))["problems"]
    ]
    assert len(found) == len(set(found)), "one code has words in two places"
    return {code for code in found if not code.startswith("waitSeconds")}


def test_every_problem_that_people_meet_has_words_of_its_own() -> None:
    """A code without any is shown in the API's English, whatever language was chosen."""
    assert set(problem_codes()) - words() == FOR_PROGRAMS | ASKED_FOR


def test_no_words_are_left_of_a_problem_that_is_gone() -> None:
    """What the API can no longer say needs no translation."""
    assert words() - set(problem_codes()) == OURS
