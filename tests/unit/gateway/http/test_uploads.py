"""Calls that take files: larger than other bodies may be, up to a limit of their own, and read for nobody unknown."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from cse.gateway.http.access import Caller, Need
from cse.gateway.http.context import RequestContext
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.edge import Edge
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.operations import Call, Operation, routes_of
from cse.gateway.http.uploads import TOGETHER, UploadPaths, Uploads
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem, edge_problem
from cse.users.authority import Permission

ORDINARY, LARGE = 100, 1_000
PNG = {"content-type": "image/png"}


class Access:
    """Lets in whoever says a name."""

    async def admit(
        self,
        context: RequestContext,
        need: Need,
        _permission: Permission | None = None,
        _weight: int = 1,
    ) -> Caller:
        if need is not Need.NOBODY and b"authorization" not in context.headers:
            raise edge_problem("not_authenticated")
        account_id = int(context.headers.get(b"x-cse-account", b"7"))
        return Caller(account_id, "192.0.2.1", RouteClass.READS, owner_id=1)


async def size(call: Call) -> Answer:
    """Say how long the body was."""
    return Answer(200, b"%d" % len(call.body))


def operations() -> list[Operation]:
    file = Operation("PUT", "/things/{thing_id}/picture", size, "", "", None, Need.READ)
    taking = file._replace(max_body_bytes=LARGE, takes=("image/png", "image/jpeg"))
    return [taking, file._replace(path="/things", method="POST", body=dict)]


def client(*, logged_in: bool = True) -> httpx.AsyncClient:
    inner, declared = FastAPI(openapi_url=None), operations()
    inner.router.routes[:0] = routes_of(declared, Access())  # type: ignore[arg-type]  # the one method that endpoints call
    edge = Edge(
        inner,
        shortcuts={},
        max_body_bytes=ORDINARY,
        cors=CorsPolicy(["*"]),
        metrics=RequestMetrics(CollectorRegistry()),
    )
    edge.uploads = UploadPaths(declared)
    headers = {"authorization": "Bearer ann"} if logged_in else {}
    transport = httpx.ASGITransport(app=edge)
    return httpx.AsyncClient(transport=transport, base_url="http://cse.test", headers=headers)


async def pieces(count: int) -> Any:
    for _ in range(count):
        yield b"x" * 100


async def test_a_file_may_be_larger_than_other_bodies() -> None:
    """Up to its own limit, to the byte; one more is 413, declared or not; the others' limit stays what it was."""
    async with client() as ann:
        path = "/things/1/picture"
        assert (await ann.put(path, content=b"{" * LARGE, headers=PNG)).text == "1000"
        assert (await ann.put(path, content=pieces(10), headers=PNG)).text == "1000"
        for too_much in (b"x" * (LARGE + 1), pieces(11)):
            answer = await ann.put(path, content=too_much, headers=PNG)
            assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        json = {"content-type": "application/json"}
        assert (await ann.post("/things", content=b" " * 101, headers=json)).status_code == 413


@pytest.mark.parametrize("media", ["image/svg+xml", "text/html", "application/json", None])
async def test_what_is_no_file_of_its_types_is_not_read(media: str | None) -> None:
    """415, by what the request says of itself; whether it is true is looked at later."""
    headers = {} if media is None else {"content-type": media}
    async with client() as ann:
        answer = await ann.put("/things/1/picture", content=b"x", headers=headers)
        assert (answer.status_code, answer.headers["connection"]) == (415, "close")
        charset = {"content-type": "IMAGE/JPEG; charset=x"}
        assert (await ann.put("/things/1/picture", content=b"x", headers=charset)).text == "1"


async def test_who_is_not_let_in_sends_nothing() -> None:
    """The refusal comes before the first piece is asked for: no stranger fills our memory."""
    asked = 0

    async def counted() -> Any:
        nonlocal asked
        asked += 1
        yield b"x"

    async with client(logged_in=False) as nobody:
        answer = await nobody.put("/things/1/picture", content=counted(), headers=PNG)
    assert (answer.status_code, answer.headers["connection"], asked) == (401, "close", 0)


def test_only_the_declared_calls_are_left_to_read_later() -> None:
    """By method and whole path: neither another method nor a longer path slips past the edge's own limit."""
    paths = UploadPaths(operations())
    assert paths.has("PUT", "/things/1/picture")
    for method, path in (
        ("POST", "/things/1/picture"),
        ("PUT", "/things/1/2/picture"),
        ("PUT", "/things/1/picture/x"),
        ("POST", "/things"),
        ("PUT", "/other"),
    ):
        assert not paths.has(method, path)
    assert not UploadPaths(()).has("PUT", "/things/1/picture")


def test_a_person_sends_one_file_after_the_other() -> None:
    """A second one at the same time is 429, and so is whoever comes when all places are taken; places come back."""
    uploads = Uploads()
    with uploads.place(1), pytest.raises(ApiProblem) as caught, uploads.place(1):
        pass
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "1"})
    held = [uploads.place(account_id) for account_id in range(TOGETHER)]
    for each in held:
        each.__enter__()
    with pytest.raises(ApiProblem), uploads.place(TOGETHER):
        pass
    held[0].__exit__(None, None, None)
    with uploads.place(TOGETHER):
        pass


async def test_sub_accounts_give_nobody_further_places() -> None:
    """A person sends one file after the other, whichever of their accounts the header names."""
    sending, goes_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Any:
        yield b"x"
        sending.set()
        await goes_on.wait()
        yield b"x"

    async with client() as ann:
        first = asyncio.create_task(ann.put("/things/1/picture", content=slow(), headers=PNG))
        await sending.wait()
        named = {**PNG, "x-cse-account": "8"}
        second = await ann.put("/things/1/picture", content=b"x", headers=named)
        goes_on.set()
        assert (second.status_code, (await first).status_code) == (429, 200)


async def test_a_place_is_given_back_when_the_call_fails() -> None:
    """Whatever goes wrong with a file, its sender may send the next one."""
    async with client() as ann:
        for _ in range(2):
            answer = await ann.put("/things/1/picture", content=b"x" * 1_001, headers=PNG)
            assert answer.status_code == 413
        sending = [ann.put("/things/1/picture", content=b"x", headers=PNG) for _ in range(3)]
        statuses = {answer.status_code for answer in await asyncio.gather(*sending)}
        assert statuses <= {200, 429}
        assert (await ann.put("/things/1/picture", content=b"x", headers=PNG)).status_code == 200
