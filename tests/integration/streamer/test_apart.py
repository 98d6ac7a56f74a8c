"""The engine as a process of its own publishes; gateways do not, so nothing comes twice. Redis is needed, by name."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from redis.asyncio import Redis

from tests.integration.exchange import Exchange, deposit, place
from tests.integration.streamer.follower import following
from tests.integration.streamer.world import MARKET, Streamer
from tests.integration.test_up_apart import _process, _ready
from tests.servers import PrivateRedis
from tests.servers.process import free_port
from tests.waiting import wait_until, wait_until_async

TRADES = f"trades.{MARKET}"


def test_without_redis_it_says_which_setting_is_missing(tmp_path: Path) -> None:
    """Exit code 1 and one sentence, before anything is made."""
    command = [sys.executable, "-m", "cse.cli", "streamer", "--data-dir", str(tmp_path / "data")]
    ended = subprocess.run(
        command, env={"PATH": ""}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "CSE_REDIS_URL" in ended.stderr
    assert not (tmp_path / "data").exists()


async def test_an_engine_apart_publishes_once_however_many_gateways(
    tmp_path: Path, private_redis: PrivateRedis
) -> None:
    """Two gateways, one streamer: a trade is published once, and the streamer's clients have it."""
    ports = [str(free_port()) for _ in "ab"]
    exchange = Exchange(tmp_path)
    exchange.base = f"http://127.0.0.1:{ports[0]}"
    env = {"CSE_REDIS_URL": private_redis.url}
    with (
        _process(tmp_path, "engine", env=env),
        _process(tmp_path, "gateway", "--port", ports[0], env=env),
        _process(tmp_path, "gateway", "--port", ports[1], env=env),
    ):
        for port in ports:
            wait_until(lambda port=port: _ready(f"http://127.0.0.1:{port}"), 60, "the gateways")  # type: ignore[misc]  # bound at once
        streamer = Streamer(tmp_path, exchange, private_redis.url, free_port())
        streamer.launch()
        try:
            streamer.wait_ready()
            await _trade_and_listen(exchange, streamer, private_redis)
            assert streamer.stop() == 0
        finally:
            streamer.kill()


async def _trade_and_listen(exchange: Exchange, streamer: Streamer, redis: PrivateRedis) -> None:
    with exchange.person("ann") as ann, exchange.person("bob") as bob:
        deposit(ann, "USDC", "1000", "a")
        deposit(bob, "NOVA", "100", "b")
        token = ann.headers["authorization"].partition(" ")[2]
        channels = [TRADES, "user.orders", f"indicators.{MARKET}.1m.sma(3)"]
        async with (
            Redis.from_url(redis.url) as reader,
            reader.pubsub() as published,
            following([streamer.url], channels, token) as follower,
        ):
            await published.subscribe(f"trades:{MARKET}")
            await wait_until_async(
                lambda: all(follower.sequence(name) >= 0 for name in channels), what="the openings"
            )
            for _ in range(3):
                await asyncio.to_thread(place, ann, "buy", "1.2500", "1.00")
                await asyncio.to_thread(place, bob, "sell", "1.2500", "1.00")
            await wait_until_async(lambda: follower.trade_ids(TRADES) == [1, 2, 3], 60, "trades")
            seen: list[int] = []
            async with asyncio.timeout(30):
                async for message in published.listen():
                    if message["type"] == "message":
                        seen += [t["trade_id"] for t in json.loads(message["data"])["trades"]]
                    if len(seen) >= 3:
                        break
            assert seen == [1, 2, 3]
            await wait_until_async(
                lambda: len(follower.updates("user.orders")) == 6, what="updates"
            )
            follower.check_chain("user.orders")
