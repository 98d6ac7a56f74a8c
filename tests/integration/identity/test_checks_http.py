"""Identity checks over HTTP: a person and two reviewers, from registered to level 3, and back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.users.authority import Role
from cse.users.identity_checks.sanctions import read_sanctions
from tests.integration.http_exchange import HttpExchange, good, http_exchange, problem
from tests.integration.identity.people import (
    CHECKS,
    DATA,
    HITS,
    ON_THE_LIST,
    PDF,
    STAFF,
    add,
    begin,
    decide,
    picture,
    reach,
    reviewer,
    submit,
    user_id,
)


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def acts(exchange: HttpExchange, prefix: str) -> list[tuple[str, str, str]]:
    """What the audit log says about identity, oldest first: act, actor, reason."""
    records = await exchange.deps.authority.log.after(0, 1_000)
    return [(one.act, one.actor, one.reason) for one in records if one.act.startswith(prefix)]


async def test_a_person_reaches_level_two(exchange: HttpExchange) -> None:
    """Data, then documents; what is missing is told; a reviewer sees all of it; every step is in the audit log."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    assert good(await ann.get("/api/identity"))["level"] == 0
    first = await begin(ann)
    assert (await submit(ann, first))["progress"] == "in_queue"
    (waiting,) = good(await rita.get(STAFF))["checks"]
    assert (waiting["check_id"], waiting["status"]) == (first, "submitted")
    good(await decide(rita, first))
    assert good(await ann.get("/api/identity"))["level"] == 1

    second = await begin(ann, 2)
    answer = problem(await ann.post(f"{CHECKS}/{second}/submit"), 409, "identity_check_incomplete")
    assert "identity_document, selfie" in answer["detail"]
    passport = good(await add(ann, second, "identity_document", PDF, "application/pdf"), 201)
    good(await add(ann, second, "selfie", picture("PNG"), "image/png"), 201)
    assert (await submit(ann, second))["missing"] == []
    dossier = good(await rita.get(f"{STAFF}/{second}"))
    assert dossier["data"] == DATA
    assert [each["kind"] for each in dossier["documents"]] == ["identity_document", "selfie"]
    url = f"{STAFF}/{second}/documents/{passport['document_id']}"
    seen = await rita.get(url)
    assert seen.content == PDF
    good(await decide(rita, second))
    assert good(await ann.get("/api/identity"))["level"] == 2

    me, she = f"user:{await user_id(exchange, 'ann')}", f"user:{await user_id(exchange, 'rita')}"
    assert await acts(exchange, "identity_") == [
        ("identity_check.begin", me, ""),
        ("identity_check.submit", me, ""),
        ("identity_check.claim", she, ""),
        ("identity_check.decide", she, "looked_at"),
        ("identity_check.begin", me, ""),
        ("identity_document.add", me, ""),
        ("identity_document.add", me, ""),
        ("identity_check.submit", me, ""),
        ("identity_check.view", she, ""),
        ("identity_document.view", she, ""),
        ("identity_check.claim", she, ""),
        ("identity_check.decide", she, "looked_at"),
    ]


async def test_a_document_is_only_ever_a_download(exchange: HttpExchange) -> None:
    """Of no type that a browser shows, kept by nobody on the way, in a sandbox if it is opened all the same."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    await reach(ann, rita, 1)
    check = await begin(ann, 2)
    sent = good(await add(ann, check, "selfie", picture()), 201)["document_id"]
    answer = await rita.get(f"{STAFF}/{check}/documents/{sent}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert (
        answer.headers["content-disposition"] == f'attachment; filename="check-{check}-{sent}.jpg"'
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["cache-control"] == "no-store"


async def test_who_is_asked_for_more_gives_more(exchange: HttpExchange) -> None:
    """The note reaches the person; they change their data and hand in again; then it is approved."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    await submit(ann, check)
    good(await decide(rita, check, "ask_for_more", "As in your passport, please."))
    (told,) = good(await ann.get(CHECKS))["checks"]
    assert (told["status"], told["note"]) == ("more_needed", "As in your passport, please.")
    body = {"data": DATA | {"legal_name": "Augusta Ada King"}}
    good(await ann.put(f"{CHECKS}/{check}", json=body))
    await submit(ann, check)
    problem(await ann.put(f"{CHECKS}/{check}", json=body), 409, "identity_check_state")
    good(await decide(rita, check))
    assert good(await rita.get(f"{STAFF}/{check}"))["data"]["legal_name"] == "Augusta Ada King"


async def test_two_reviewers_decide_at_once(exchange: HttpExchange) -> None:
    """One of them has it; the other is told so, and so is whoever decides a second time."""
    ann = await exchange.person("ann")
    rita, sam = await reviewer(exchange, "rita"), await reviewer(exchange, "sam", Role.RISK)
    check = await begin(ann)
    await submit(ann, check)
    claims = await asyncio.gather(*(who.post(f"{STAFF}/{check}/claim") for who in (rita, sam)))
    assert sorted(answer.status_code for answer in claims) == [200, 409]
    body = {"decision": "approve", "reason": "looked_at"}
    rounds = [who.post(f"{STAFF}/{check}/decision", json=body) for who in (rita, sam, rita, sam)]
    answers = await asyncio.gather(*rounds)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await acts(exchange, "identity_check.decide")) == 1
    assert good(await ann.get("/api/identity"))["level"] == 1


async def test_sent_twice_is_harmless(exchange: HttpExchange) -> None:
    """Handing in, withdrawing, claiming, releasing and lowering: the second time nothing more happens."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    problem(await ann.post(CHECKS, json={"level": 1, "data": DATA}), 409, "identity_check_open")
    answers = await asyncio.gather(*(ann.post(f"{CHECKS}/{check}/submit") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await acts(exchange, "identity_check.submit")) == 1
    for _ in range(2):
        good(await rita.post(f"{STAFF}/{check}/claim"))
    for _ in range(2):
        good(await rita.post(f"{STAFF}/{check}/release"))
    for _ in range(2):
        assert good(await ann.post(f"{CHECKS}/{check}/withdraw"))["status"] == "withdrawn"
    assert len(await acts(exchange, "identity_check.withdraw")) == 1
    problem(await rita.post(f"{STAFF}/{check}/claim"), 409, "identity_check_state")
    body = {"decision": "approve", "reason": "looked_at"}
    problem(await rita.post(f"{STAFF}/{check}/decision", json=body), 409, "identity_check_state")


async def test_nobody_reviews_themself(exchange: HttpExchange) -> None:
    """Whoever works here has a level like everybody: another one decides about it."""
    rita, sam = await reviewer(exchange, "rita"), await reviewer(exchange, "sam", Role.ADMIN)
    check = await begin(rita)
    await submit(rita, check)
    problem(await rita.post(f"{STAFF}/{check}/claim"), 403, "own_identity_check")
    body = {"decision": "approve", "reason": "looked_at"}
    problem(await rita.post(f"{STAFF}/{check}/decision", json=body), 403, "own_identity_check")
    good(await decide(sam, check))
    lower = f"/api/admin/users/{await user_id(exchange, 'rita')}/identity-level"
    problem(await rita.post(lower, json={"level": 0, "reason": "test"}), 403, "own_identity_check")


async def test_a_level_is_taken_away(exchange: HttpExchange) -> None:
    """By hand only down; then the person is checked again, from where they are."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    await reach(ann, rita, 2)
    lower = f"/api/admin/users/{await user_id(exchange, 'ann')}/identity-level"
    body = {"level": 1, "reason": "document_expired"}
    assert good(await rita.post(lower, json=body))["before"] == 2
    assert good(await rita.post(lower, json=body))["before"] == 1
    assert [act[2] for act in await acts(exchange, "identity_level")] == ["document_expired"]
    problem(await rita.post(lower, json=body | {"level": 3}), 409, "identity_level_only_lower")
    problem(await ann.post(CHECKS, json={"level": 1, "data": DATA}), 409, "identity_level_order")
    problem(await ann.post(CHECKS, json={"level": 3}), 409, "identity_level_order")
    await begin(ann, 2)
    nobody = "/api/admin/users/999/identity-level"
    problem(await rita.post(nobody, json=body), 404, "person_not_found")


async def test_a_name_on_the_list_is_held_and_cleared(exchange: HttpExchange) -> None:
    """Support cannot decide it; two of risk staff clear it; the same data are not held again at the next level."""
    jane, rita = await exchange.person("jane"), await reviewer(exchange, "rita")
    risk = await reviewer(exchange, "rolf", Role.RISK)
    check = await begin(jane, 1, ON_THE_LIST)
    assert (await submit(jane, check))["status"] == "held"
    problem(await jane.post(f"{CHECKS}/{check}/withdraw"), 409, "identity_check_state")
    problem(await rita.post(f"{STAFF}/{check}/claim"), 409, "identity_check_state")
    problem(await rita.get(HITS), 403, "forbidden")
    (hit,) = good(await risk.get(HITS))["hits"]
    assert (hit["entry_id"], hit["likeness"]) == ("EXAMPLE-4", 100)
    clear = f"{HITS}/{hit['hit_id']}/clear"
    proposal = good(await risk.post(clear, json={"reason": "other_person"}), 202)["approval"]
    assert (proposal["status"], proposal["before"]["status"]) == ("pending", "open")
    assert good(await risk.get(HITS))["hits"] == [hit]
    url = f"/api/admin/approvals/{proposal['id']}/approve"
    problem(await risk.post(url, json={"reason": "mine"}), 403, "own_proposal")
    problem(await rita.post(url, json={"reason": "checked"}), 403, "forbidden")
    second_eyes = await reviewer(exchange, "ruth", Role.RISK)
    done = good(await second_eyes.post(url, json={"reason": "checked"}))["approval"]
    assert (done["status"], done["outcome"]) == ("done", "")
    (record,) = await acts(exchange, "sanctions.clear")
    assert record[2] == "other_person"
    problem(await risk.post(clear, json={"reason": "other_person"}), 409, "no_change")
    problem(
        await risk.post(f"{HITS}/{hit['hit_id']}/confirm", json={"reason": "same_person"}),
        409,
        "identity_check_state",
    )
    good(await decide(rita, check))
    second = await begin(jane, 2)
    for kind in ("identity_document", "selfie"):
        good(await add(jane, second, kind, picture()), 201)
    assert (await submit(jane, second))["status"] == "submitted"


async def test_whoever_is_like_a_name_of_the_list_has_no_say_in_it(exchange: HttpExchange) -> None:
    """Staff with such a name neither proposes nor approves another reading; what was confirmed is not cleared."""
    jane = await reviewer(exchange, "jane", Role.RISK)
    rolf, ruth = [await reviewer(exchange, name, Role.RISK) for name in ("rolf", "ruth")]
    await submit(jane, await begin(jane, 1, ON_THE_LIST))
    (hit,) = good(await rolf.get(HITS))["hits"]
    at, why = f"{HITS}/{hit['hit_id']}", {"reason": "other_person"}
    problem(await jane.post(f"{at}/clear", json=why), 403, "own_case")
    proposal = good(await rolf.post(f"{at}/clear", json=why), 202)["approval"]
    approve = f"/api/admin/approvals/{proposal['id']}/approve"
    problem(await jane.post(approve, json=why), 403, "own_case")
    good(await ruth.post(f"{at}/confirm", json={"reason": "same_person"}))
    failed = good(await ruth.post(approve, json=why))["approval"]
    assert (failed["status"], failed["outcome"]) == ("failed", "stale")
    (now,) = good(await rolf.get(HITS, params={"status": "confirmed"}))["hits"]
    assert now["hit_id"] == hit["hit_id"]


async def test_a_name_on_the_list_is_confirmed(exchange: HttpExchange) -> None:
    """The accounts are frozen, sub-accounts with them, and the check is rejected; both are in the audit log."""
    jane, risk = await exchange.person("jane"), await reviewer(exchange, "rolf", Role.RISK)
    made = good(await jane.post("/api/sub-accounts", json={"label": "second"}), 201)
    sub = made["sub_account"]["account_id"]
    check = await begin(jane, 1, ON_THE_LIST)
    await submit(jane, check)
    (hit,) = good(await risk.get(HITS))["hits"]
    confirm = f"{HITS}/{hit['hit_id']}/confirm"
    assert good(await risk.post(confirm, json={"reason": "same_person"}))["status"] == "confirmed"
    known = await exchange.people.core.users.credentials("jane@example.com")
    assert known is not None
    for account_id in (known.user.account_id, sub):
        view = exchange.deps.live.account(account_id)
        assert view is not None
        assert view.status.name == "FROZEN"
    assert good(await risk.get(f"{STAFF}/{check}"))["check"]["status"] == "rejected"
    assert len(await acts(exchange, "sanctions.confirm")) == 1
    assert len(await acts(exchange, "account.set_status")) == 1


async def test_a_list_that_changed_is_compared_with_everybody(
    exchange: HttpExchange,
) -> None:
    """Approved ones too, once for each version of the list, from where the last run stopped."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    bob = await exchange.person("bob")
    await reach(ann, rita, 1)
    waiting = await begin(bob, 1, DATA | {"legal_name": "Bob Stone"})
    await submit(bob, waiting)
    service = exchange.deps.concerns.identity_checks
    assert service is not None
    assert await service.holds.rescreen() == 0
    new = b"id,name,birth_date,source\nX-1,King Ada,1990,test\nX-2,Stone Bob,,test\n"
    service._lists.sanctions = read_sanctions(new)
    assert await service.holds.rescreen() == 2
    assert await service.holds.rescreen() == 0
    assert good(await bob.get(CHECKS))["checks"][0]["status"] == "held"
    assert good(await ann.get("/api/identity"))["level"] == 1


async def test_lists_are_paged(exchange: HttpExchange) -> None:
    """Own checks newest first, the queue oldest first; a cursor of one is none of the other."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    ids = []
    for _ in range(3):
        ids.append(await begin(ann))
        good(await ann.post(f"{CHECKS}/{ids[-1]}/withdraw"))
    page = good(await ann.get(CHECKS, params={"limit": 2}))
    assert [each["check_id"] for each in page["checks"]] == ids[:0:-1]
    rest = good(await ann.get(CHECKS, params={"cursor": page["next_cursor"]}))
    assert [each["check_id"] for each in rest["checks"]] == ids[:1]
    queue = good(await rita.get(STAFF, params={"limit": 2, "status": "withdrawn"}))
    assert [each["check_id"] for each in queue["checks"]] == ids[:2]
    crossed = {"cursor": page["next_cursor"], "status": "withdrawn"}
    problem(await rita.get(STAFF, params=crossed), 400, "invalid_cursor")
