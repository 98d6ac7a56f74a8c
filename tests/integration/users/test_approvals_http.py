"""Four eyes over HTTP: two people of staff, crashes in the middle, races, and how many it takes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.settings import Settings
from cse.users.approvals.ports import Ballot
from cse.users.authority import Role
from tests.integration.http_exchange import (
    good,
    http_exchange,
    problem,
)
from tests.integration.users.staff import (
    APPROVALS,
    PEOPLE,
    RATES,
    TIER,
    Office,
    account_of,
    approval,
    approve,
    id_of,
    records,
    staff,
)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with http_exchange(tmp_path) as exchange:
        ann = await staff(exchange, "ann", Role.ADMIN)
        yield Office(exchange, ann, await staff(exchange, "bob", Role.ADMIN))


async def test_one_proposes_another_approves_and_the_log_names_both(office: Office) -> None:
    """Nothing is done before; then it is, once; one search says who, when, from where, and who approved it."""
    made = await office.tier()
    assert (made["status"], made["before"], made["after"]) == ("pending", {}, RATES)
    assert (made["act"], made["object"], made["reason"]) == ("fee_tier.set", "fee_tier:7", "vip")
    assert made["expires_at"] - made["proposed_at"] == 86_400_000
    assert office.rates() is None
    done = await approve(office.bob, made)
    assert (done["status"], done["outcome"]) == ("done", "")
    assert office.rates() == (100, 200)
    ann, bob = await id_of(office.exchange, "ann"), await id_of(office.exchange, "bob")
    assert done["proposed_by"] == ann
    assert [(vote["user_id"], vote["reason"]) for vote in done["votes"]] == [(bob, "checked")]
    steps = await records(office.bob, object=f"approval:{made['id']}")
    assert [(step["act"], step["actor"]) for step in steps] == [
        ("approval.propose", f"user:{ann}"),
        ("approval.approve", f"user:{bob}"),
        ("approval.execute", "system"),
        ("approval.end", "system"),
    ]
    (act,) = await records(office.bob, object="fee_tier:7")
    assert (act["act"], act["actor"], act["reason"]) == ("fee_tier.set", f"user:{ann}", "vip")
    signed = {"approval": f"approval:{made['id']}", "approved_by": [f"user:{bob}"]}
    assert act["after"] == {**RATES, **signed}
    began = await records(office.bob, act="session.log_in", actor=f"user:{ann}")
    assert f"session:{act['session_id']}" in {each["object"] for each in began}
    assert act["ip"] == "127.0.0.1"


async def test_nobody_approves_their_own_or_decides_about_themselves(office: Office) -> None:
    """Neither what one proposed, nor one's own role or account; and nobody without the act's own permission."""
    made = await office.tier()
    url = f"{APPROVALS}/{made['id']}"
    problem(await office.ann.post(f"{url}/approve", json={"reason": "mine"}), 403, "own_proposal")
    problem(await office.ann.post(f"{url}/reject", json={"reason": "changed"}), 403, "own_proposal")
    problem(await office.bob.post(f"{url}/withdraw"), 403, "not_proposer")
    risk = await staff(office.exchange, "risk", Role.RISK)
    problem(await risk.post(f"{url}/approve", json={"reason": "checked"}), 403, "forbidden")
    fan = await office.exchange.person("fan")
    problem(await fan.post(f"{url}/approve", json={"reason": "checked"}), 403, "forbidden")
    problem(await fan.get(url), 403, "forbidden")
    ann, bob = await id_of(office.exchange, "ann"), await id_of(office.exchange, "bob")
    why = {"reason": "promotion"}
    own = await office.ann.put(f"{PEOPLE}/{ann}/roles/finance", json=why)
    problem(own, 403, "own_case")
    account = await account_of(office.ann)
    tier = {"fee_tier": 1, "reason": "vip"}
    problem(
        await office.ann.post(f"/api/admin/accounts/{account}/fee-tier", json=tier), 403, "own_case"
    )
    of_bob = approval(await office.ann.put(f"{PEOPLE}/{bob}/roles/finance", json=why))
    answer = await office.bob.post(f"{APPROVALS}/{of_bob['id']}/approve", json={"reason": "please"})
    problem(answer, 403, "own_case")
    assert office.rates() is None
    assert approval(await office.ann.post(f"{url}/withdraw"), 200)["status"] == "withdrawn"
    problem(
        await office.bob.post(f"{url}/approve", json={"reason": "late"}),
        409,
        "approval_not_pending",
    )


async def test_a_rejected_proposal_does_nothing(office: Office) -> None:
    """With its reason, for good; a reason is a code."""
    made = await office.tier()
    url = f"{APPROVALS}/{made['id']}"
    problem(
        await office.bob.post(f"{url}/reject", json={"reason": "Too cheap"}), 400, "invalid_request"
    )
    rejected = approval(await office.bob.post(f"{url}/reject", json={"reason": "too_cheap"}), 200)
    assert rejected["status"] == "rejected"
    assert rejected["votes"][0]["reason"] == "too_cheap"
    await office.look()
    assert office.rates() is None
    problem(await office.bob.get(f"{APPROVALS}/999"), 404, "not_found")


async def test_proposals_are_listed_by_status_in_pages(office: Office) -> None:
    """Newest first; a cursor of another list is refused."""
    made = [await office.tier(maker_ppm=number) for number in (1, 2, 3)]
    await approve(office.bob, made[1])
    page = good(await office.bob.get(APPROVALS, params={"status": "pending", "limit": 1}))
    assert [each["id"] for each in page["approvals"]] == [made[2]["id"]]
    more = {"status": "pending", "limit": 1, "cursor": page["next_cursor"]}
    rest = good(await office.bob.get(APPROVALS, params=more))
    assert [each["id"] for each in rest["approvals"]] == [made[0]["id"]]
    assert rest["next_cursor"] is None
    foreign = good(await office.bob.get(PEOPLE, params={"limit": 1}))["next_cursor"]
    problem(await office.bob.get(APPROVALS, params={"cursor": foreign}), 400, "invalid_cursor")


async def test_two_approvers_at_once_execute_it_once(office: Office) -> None:
    """One vote counts, the other comes too late; the fee tier was set by one command."""
    cat = await staff(office.exchange, "cat", Role.FINANCE)
    made = await office.tier()
    url = f"{APPROVALS}/{made['id']}/approve"
    why = {"reason": "checked"}
    answers = await asyncio.gather(*(each.post(url, json=why) for each in (office.bob, cat)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await office.now(made) == ("done", "")
    assert len(await records(office.bob, act="fee_tier.set")) == 1


async def test_what_changed_meanwhile_makes_it_stale(office: Office) -> None:
    """Of two proposals from the same state the second fails, and nothing is done."""
    first, second = await office.tier(), await office.tier(maker_ppm=1)
    await approve(office.bob, first)
    failed = await approve(office.bob, second)
    assert (failed["status"], failed["outcome"]) == ("failed", "stale")
    assert office.rates() == (100, 200)
    same = await office.ann.put(TIER, json={**RATES, "reason": "vip"})
    problem(same, 409, "no_change")


async def test_a_crash_between_approval_and_execution_is_made_good_by_another_gateway(
    office: Office,
) -> None:
    """The engine was away when it was approved: the loop executes it, once, however many loops there are."""
    made = await office.tier()
    office.exchange.queue.before = Unavailable("the engine cannot be reached")
    waiting = await approve(office.bob, made)
    assert (waiting["status"], waiting["outcome"]) == ("approved", "retried")
    await office.look()
    assert (await office.now(made))[0] == "approved"
    office.exchange.queue.before = None
    await asyncio.gather(*(office.look() for _ in range(3)))
    assert await office.now(made) == ("done", "")
    assert office.rates() == (100, 200)


async def test_a_lost_answer_is_settled_by_looking_at_the_engine(office: Office) -> None:
    """It was applied, and nobody heard: held as executing, then found done."""
    made = await office.tier()
    queue = office.exchange.queue
    answers = queue.submit_batch

    async def lose(commands: Any) -> Any:
        applied = await answers(commands)
        if type(commands[0]).__name__ != "Tick":
            raise OutcomeUnknown("the connection broke")
        return applied

    queue.submit_batch = lose  # type: ignore[method-assign]  # the answer of the act alone is lost
    assert (await approve(office.bob, made))["status"] == "executing"
    await office.look()
    assert await office.now(made) == ("done", "found_done")
    assert office.rates() == (100, 200)


async def test_what_cannot_be_told_is_held_for_a_person(office: Office) -> None:
    """The process died before or after its command: nothing is sent again; a second person says what they found."""
    made = await office.tier()
    served = office.exchange.deps.concerns.approvals
    assert served is not None
    bob = await id_of(office.exchange, "bob")
    now_ms = office.exchange.deps.clock.now_ms()
    await served._store.vote(Ballot(made["id"], bob, True, "checked"), now_ms)
    assert await served._store.claim(made["id"], now_ms) is not None
    await office.look()
    await office.look()
    assert await office.now(made) == ("unknown", "not_found_done")
    assert office.rates() is None
    url = f"{APPROVALS}/{made['id']}/settle"
    found = {"outcome": "failed", "reason": "journal_has_none"}
    problem(await office.ann.post(url, json=found), 403, "own_proposal")
    settled = approval(await office.bob.post(url, json=found), 200)
    assert (settled["status"], settled["outcome"]) == ("failed", "journal_has_none")
    problem(await office.bob.post(url, json=found), 409, "approval_not_pending")


async def test_a_proposer_who_lost_the_role_has_proposed_nothing(office: Office) -> None:
    """Approved afterwards it fails, and says why."""
    made = await office.tier()
    ann = await id_of(office.exchange, "ann")
    roles = office.exchange.deps.authority.roles
    await roles.revoke(ann, Role.ADMIN, actor="machine:test", reason="left")
    failed = await approve(office.bob, made)
    assert (failed["status"], failed["outcome"]) == ("failed", "proposer_may_not")
    assert office.rates() is None


async def test_an_approver_who_lost_the_role_has_approved_nothing(office: Office) -> None:
    """Approved while the engine was away; before it is back the approver's role is taken: nothing is done."""
    made = await office.tier()
    office.exchange.queue.before = Unavailable("the engine cannot be reached")
    assert (await approve(office.bob, made))["status"] == "approved"
    bob = await id_of(office.exchange, "bob")
    roles = office.exchange.deps.authority.roles
    await roles.revoke(bob, Role.ADMIN, actor="machine:test", reason="session_stolen")
    office.exchange.queue.before = None
    await office.look()
    found = approval(await office.ann.get(f"{APPROVALS}/{made['id']}"), 200)
    assert (found["status"], found["outcome"]) == ("failed", "approver_may_not")
    assert office.rates() is None


async def test_a_sandbox_of_one_person_needs_nobody_else(tmp_path: Path) -> None:
    """With `operators.approvals` = 0 a proposal is executed at once, and still is a proposal with its records."""
    settings = Settings.model_validate({"data_dir": tmp_path, "operators": {"approvals": 0}})
    async with http_exchange(tmp_path, settings=settings) as exchange:
        ann = await staff(exchange, "ann", Role.ADMIN)
        made = approval(await ann.put(TIER, json={**RATES, "reason": "vip"}))
        assert (made["status"], made["needed"], made["votes"]) == ("done", 0, [])
        assert exchange.deps.catalog.fee_tiers[7].taker_ppm == 200
        (act,) = await records(ann, act="fee_tier.set")
        assert act["after"]["approved_by"] == []


async def test_two_further_people_may_be_needed(tmp_path: Path) -> None:
    """With 2 the first approval leaves it pending, and one person is one vote."""
    settings = Settings.model_validate({"data_dir": tmp_path, "operators": {"approvals": 2}})
    async with http_exchange(tmp_path, settings=settings) as exchange:
        ann, bob, cat = [await staff(exchange, name, Role.ADMIN) for name in ("ann", "bob", "cat")]
        made = approval(await ann.put(TIER, json={**RATES, "reason": "vip"}))
        assert (await approve(bob, made))["status"] == "pending"
        twice = await bob.post(f"{APPROVALS}/{made['id']}/approve", json={"reason": "again"})
        problem(twice, 409, "already_voted")
        assert (await approve(cat, made))["status"] == "done"
