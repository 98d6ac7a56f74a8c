"""What people try with identity checks: other people's, false documents, fields that are not theirs, injections."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from cse.core.errors import Unavailable
from cse.users.audit import MemoryAuditTrail
from cse.users.authority import Role
from cse.users.identity_checks.model import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS
from tests.integration.http_exchange import HttpExchange, good, http_exchange, problem
from tests.integration.identity.people import (
    CHECKS,
    DATA,
    HITS,
    PDF,
    STAFF,
    add,
    begin,
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


async def test_another_users_check_and_documents_are_not_there(exchange: HttpExchange) -> None:
    """404 for every call with somebody else's id, with the same words as for one that does not exist."""
    ann, eve = await exchange.person("ann"), await exchange.person("eve")
    rita = await reviewer(exchange, "rita")
    await reach(ann, rita, 1)
    check = await begin(ann, 2)
    sent = good(await add(ann, check, "selfie", picture()), 201)["document_id"]
    for one in (check, 999, 2**53 - 1):
        for answer in (
            await add(eve, one, "selfie", picture()),
            await eve.post(f"{CHECKS}/{one}/submit"),
            await eve.post(f"{CHECKS}/{one}/withdraw"),
            await eve.put(f"{CHECKS}/{one}", json={"data": DATA}),
        ):
            told = problem(answer, 404, "identity_check_not_found")
            assert told["detail"] == "There is no such identity check."
    assert (await eve.get(f"{CHECKS}/{check}/documents/{sent}")).status_code == 404
    assert good(await eve.get(CHECKS))["checks"] == []


async def test_customers_and_other_staff_see_nothing_of_the_queue(exchange: HttpExchange) -> None:
    """No role but support, risk and admin; likenesses are for risk alone; API keys open none of it."""
    ann, finn = await exchange.person("ann"), await reviewer(exchange, "finn", Role.FINANCE)
    rita = await reviewer(exchange, "rita")
    check = await begin(ann)
    await submit(ann, check)
    lower = f"/api/admin/users/{await user_id(exchange, 'ann')}/identity-level"
    for who in (ann, finn):
        for path in (STAFF, f"{STAFF}/{check}", f"{STAFF}/{check}/documents/1", HITS):
            problem(await who.get(path), 403, "forbidden")
        for path in (f"{STAFF}/{check}/claim", f"{STAFF}/{check}/decision", lower):
            problem(await who.post(path, json={}), 403, "forbidden")
    problem(await rita.post(f"{HITS}/1/clear", json={"reason": "test"}), 403, "forbidden")
    async with exchange.client() as nobody:
        problem(await nobody.get(CHECKS), 401, "not_authenticated")
        problem(await add(nobody, check, "selfie", picture()), 401, "not_authenticated")


NOT_THEIRS = {
    "kyc_level": 3,
    "role": "admin",
    "status": "approved",
    "user_id": 1,
    "reviewer_id": 1,
    "provider": "none",
    "check_id": 7,
}


async def test_mass_assignment(exchange: HttpExchange) -> None:
    """A field that is not of the request is refused wherever it is put, and nothing is begun."""
    ann = await exchange.person("ann")
    who = {"email": "new@example.com", "password": "a long pass phrase", "handle": "new"}
    for field, value in NOT_THEIRS.items():
        for body in (
            {"level": 1, "data": DATA, field: value},
            {"level": 1, "data": DATA | {field: value}},
        ):
            answer = problem(await ann.post(CHECKS, json=body), 400, "invalid_request")
            assert any(field in name for name in answer["fields"])
        refused = await ann.post("/api/auth/register", json=who | {field: value})
        assert refused.status_code == 400
    assert good(await ann.get(CHECKS))["checks"] == []


async def test_levels_are_not_jumped_over(exchange: HttpExchange) -> None:
    """The first check is for level 1, whatever is asked for."""
    ann = await exchange.person("ann")
    for level in (0, 2, 3, 4, -1, "1", 1.5, None, 2**63):
        answer = await ann.post(CHECKS, json={"level": level, "data": DATA})
        assert answer.status_code == (409 if level in {2, 3} else 400), level


def _bomb() -> bytes:
    """A PNG of 20 kilobytes that says it has ten billion pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(20_000_000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(5_000_000))
    return made.getvalue()


NO_DOCUMENTS = (
    ("image/png", _bomb(), 400),
    ("image/png", _archive(), 400),
    ("application/pdf", _archive(), 400),
    ("image/jpeg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 400),
    ("application/pdf", b"<html><script>alert(1)</script></html>", 400),
    ("application/pdf", b"<html>" + PDF, 400),
    ("image/jpeg", PDF, 400),
    ("image/jpeg", b"", 400),
    ("image/svg+xml", b"<svg/>", 415),
    ("text/html", b"<html/>", 415),
    ("application/json", b"{}", 415),
    ("multipart/form-data; boundary=x", b"--x", 415),
)


async def test_what_is_no_document_is_refused(exchange: HttpExchange, tmp_path: Path) -> None:
    """Polyglots, bombs, archives, SVG and HTML: nothing of them is kept."""
    ann = await exchange.person("ann")
    check = await begin(ann)
    for media, data, status in NO_DOCUMENTS:
        code = {400: "document_refused", 415: "unsupported_media_type"}[status]
        problem(await add(ann, check, "selfie", data, media), status, code)
    assert good(await ann.get(CHECKS))["checks"][0]["documents"] == []
    assert not list((tmp_path / "documents").glob("*"))


async def test_a_document_that_is_too_large_is_not_read(exchange: HttpExchange) -> None:
    """Declared or in pieces: 413; and other calls keep the limit that they had."""
    ann = await exchange.person("ann")
    check = await begin(ann)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield bytes(1_048_576)

    for data in (bytes(MAX_DOCUMENT_BYTES + 1), pieces()):
        answer = await add(ann, check, "selfie", data)  # type: ignore[arg-type]  # httpx takes iterators, too
        problem(answer, 413, "body_too_large")
    wide = {"level": 1, "data": DATA, "x": "y" * 300_000}
    problem(await ann.post(CHECKS, json=wide), 413, "body_too_large")


async def test_a_check_does_not_fill_the_disk(exchange: HttpExchange, tmp_path: Path) -> None:
    """So many documents and no more; what was refused leaves no file behind."""
    ann = await exchange.person("ann")
    check = await begin(ann)
    for _ in range(MAX_DOCUMENTS):
        good(await add(ann, check, "selfie", picture()), 201)
    problem(await add(ann, check, "selfie", picture()), 409, "too_many_documents")
    await submit(ann, check)
    problem(await add(ann, check, "selfie", picture()), 409, "identity_check_state")
    assert len(list((tmp_path / "documents").iterdir())) == MAX_DOCUMENTS


TRAVERSALS = (
    f"{CHECKS}/..%2f..%2fetc%2fpasswd/documents?kind=selfie",
    f"{CHECKS}/1%00/documents?kind=selfie",
    f"{CHECKS}/-1/documents?kind=selfie",
    f"{CHECKS}/01/documents?kind=selfie",
    f"{CHECKS}/1/documents?kind=../../selfie",
    f"{CHECKS}/1/documents?kind=selfie&name=../../x",
    f"{CHECKS}/1/documents",
)


async def test_path_traversal_in_names(exchange: HttpExchange) -> None:
    """Nothing that a person sends becomes the name of a file."""
    ann = await exchange.person("ann")
    await begin(ann)
    for path in TRAVERSALS:
        answer = await ann.post(path, content=picture(), headers={"content-type": "image/jpeg"})
        assert answer.status_code in {400, 404}, path
    rita = await reviewer(exchange, "rita")
    for bad in ("..%2f..%2fkeys.json", "0", "x", "1e3"):
        assert (await rita.get(f"{STAFF}/1/documents/{bad}")).status_code == 404


INJECTIONS = (
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "Ada\nactor=admin",
    "Ada\r\n",
    "<img src=x onerror=1>",
    "Ada\u202e",
    "%00",
)


async def test_csv_and_log_injection_in_names(exchange: HttpExchange) -> None:
    """Told by its field, without the value; nothing is begun."""
    ann = await exchange.person("ann")
    for name in INJECTIONS:
        body = {"level": 1, "data": DATA | {"legal_name": name}}
        answer = problem(await ann.post(CHECKS, json=body), 400, "invalid_request")
        assert list(answer["fields"]) == ["data.legal_name"]
        assert name not in json.dumps(answer)
    assert good(await ann.get(CHECKS))["checks"] == []


async def test_personal_data_and_documents_lie_sealed(
    exchange: HttpExchange, tmp_path: Path
) -> None:
    """Neither the database nor the folder nor the audit log has a name or a page in the clear; files are 0600."""
    ann = await exchange.person("ann")
    check = await begin(ann, 1, DATA | {"legal_name": "Zebedee Quartz"})
    good(await add(ann, check, "source_of_funds", PDF, "application/pdf"), 201)
    await submit(ann, check)
    (file,) = (tmp_path / "documents").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "documents").stat().st_mode & 0o777 == 0o700
    assert b"%PDF" not in file.read_bytes()
    for each in tmp_path.glob("cse.db*"):
        assert b"Zebedee" not in each.read_bytes()
        assert b"Quartz" not in each.read_bytes()


async def _view(rita: httpx.AsyncClient, check: int, document: int) -> httpx.Response:
    return await rita.get(f"{STAFF}/{check}/documents/{document}")


async def test_a_file_that_was_tampered_with_or_moved_does_not_open(
    exchange: HttpExchange, tmp_path: Path
) -> None:
    """One bit, another document's file in its place, or none: 503, and nothing of it is shown."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    folder = tmp_path / "documents"
    good(await add(ann, check, "selfie", picture()), 201)
    (first,) = folder.iterdir()
    good(await add(ann, check, "selfie", picture("PNG"), "image/png"), 201)
    (second,) = set(folder.iterdir()) - {first}
    whole = first.read_bytes()
    for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), second.read_bytes(), whole[:20], b""):
        first.write_bytes(damaged)
        problem(await _view(rita, check, 1), 503, "unavailable")
    first.write_bytes(whole)
    assert (await _view(rita, check, 1)).status_code == 200
    first.unlink()
    problem(await _view(rita, check, 1), 503, "unavailable")


async def test_nothing_is_shown_that_cannot_be_recorded(exchange: HttpExchange) -> None:
    """The audit log is away: no data, no document."""
    ann, rita = await exchange.person("ann"), await reviewer(exchange, "rita")
    check = await begin(ann)
    good(await add(ann, check, "selfie", picture()), 201)
    trail = MemoryAuditTrail()
    trail.fails = Unavailable("no log")
    service = exchange.deps.concerns.identity_checks
    assert service is not None
    service.reviews._parts = service.reviews._parts._replace(trail=trail)
    problem(await rita.get(f"{STAFF}/{check}"), 503, "unavailable")
    problem(await _view(rita, check, 1), 503, "unavailable")
