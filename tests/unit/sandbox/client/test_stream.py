"""The client's connection: its end, however it meets the loss of the connection."""

import asyncio

import msgspec
from websockets.asyncio.server import ServerConnection, serve

from cse.sandbox.client.failures import NoAnswer
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.stream import Stream
from tests.waiting import wait_until_async


async def _agree(socket: ServerConnection) -> None:
    """Answer every call with success, as the exchange does."""
    async for frame in socket:
        number = msgspec.json.decode(frame)["id"]
        await socket.send(msgspec.json.encode({"id": number, "ok": True, "result": {}}).decode())


async def test_a_connection_lost_while_we_end_does_not_keep_us_going() -> None:
    """Cancelled in the moment in which the connection breaks too, the client ends and connects no more."""
    working = asyncio.Event()

    async def work() -> None:
        working.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise NoAnswer("the connection was lost") from None

    async with serve(_agree, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with RestClient(f"http://127.0.0.1:{port}") as rest:
            stream = Stream(rest, ["trades:NOVA-USDC"], lambda _: None, work)
            run = asyncio.create_task(stream.run())
            await working.wait()
            run.cancel()
            await wait_until_async(run.done)
            assert run.cancelled()
