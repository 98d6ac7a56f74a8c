"""Problem documents say the same thing in every place, for the engine's codes and for ours."""

import json

import pytest

from cse.core.errors import CodecError, CseError, OutcomeUnknown, Unavailable
from cse.gateway.http.openapi import problem_codes
from cse.gateway.problems import (
    EDGE_CODES,
    ApiProblem,
    edge_problem,
    from_error,
    from_reject_code,
    invalid,
)
from cse.messages.reject_codes import REFUSALS, RejectCode


@pytest.mark.parametrize("code", list(RejectCode))
def test_every_refusal_of_the_engine_has_its_problem(code: RejectCode) -> None:
    """Status and words come from the one table; the code is its name in lower case."""
    problem = from_reject_code(code)
    assert (problem.status, problem.code) == (REFUSALS[code].status, code.name.lower())
    assert problem.detail == REFUSALS[code].message
    assert not problem.retryable


@pytest.mark.parametrize("code", list(EDGE_CODES))
def test_what_can_be_tried_again_says_so(code: str) -> None:
    """Too many requests and what is not possible now are retryable; nothing else is."""
    problem = edge_problem(code)
    assert problem.retryable == (problem.status in {429, 503})


def test_a_document_is_rfc_9457() -> None:
    """All members are there, `type` can be followed, the title is words."""
    document = json.loads(invalid({"price": "is required"}).render("r-1"))
    assert document == {
        "type": "/api/problems/invalid_request",
        "title": "Invalid request",
        "status": 400,
        "detail": "price: is required",
        "code": "invalid_request",
        "request_id": "r-1",
        "retryable": False,
        "fields": {"price": "is required"},
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unavailable("stopping"), "unavailable"),
        (Unavailable(), "unavailable"),
        (OutcomeUnknown("disk"), "outcome_unknown"),
        (ApiProblem(404, "not_found", "no"), "not_found"),
        (CodecError("a secret"), "internal_error"),
    ],
)
def test_errors_become_problems(error: CseError, code: str) -> None:
    """What may be told is told; a fault of ours tells nothing."""
    problem = from_error(error)
    assert problem.code == code
    assert problem.detail
    assert "secret" not in problem.detail


def test_no_two_tables_use_a_code_for_different_things() -> None:
    """The list that the exchange serves has one meaning for each code."""
    overlap = {code.name.lower() for code in REFUSALS} & EDGE_CODES.keys()
    assert not overlap
    assert {"insufficient_funds", "outcome_unknown", "wrong_credentials"} <= problem_codes().keys()


@pytest.mark.parametrize("kind", [Unavailable, OutcomeUnknown])
def test_clients_are_told_what_not_where(kind: type[CseError]) -> None:
    """Paths, addresses and drivers' words behind the colon are for operators."""
    told = from_error(kind("the journal failed: /srv/cse/journal/1.seg: [Errno 28] No space"))
    assert told.detail.startswith("the journal failed.")
    assert "/srv" not in told.detail
    assert "Errno" not in told.detail
