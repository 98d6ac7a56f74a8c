"""`cse candles rebuild` and `cse migrate` on a database of an exchange: same bytes, killed and repeated."""

import asyncio
import os
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import delete, text
from typer.testing import CliRunner

from cse.adapters.journal.places import open_journal
from cse.adapters.sql import tables
from cse.adapters.sql.candle_building import CandleBuilder
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.cli.app import app
from cse.messages.codec import encode_frame
from cse.messages.events import Applied
from cse.settings import load_settings
from cse.wiring.candles import NoSuchMarket, candle_builder, rebuild_candles
from tests.contract.projecting import batches, contents, database, projector, rebuilt
from tests.unit.projections.flow import Flow
from tests.waiting import wait_until_async


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'cse.db'}"


def project(url: str, count: int) -> list[Applied]:
    applied = list(islice(Flow(9).run(1_000_000), count))

    async def write() -> None:
        async with database(url) as engine:
            await projector(engine).run(batches(applied))

    asyncio.run(write())
    return applied


def all_of(url: str) -> dict[str, list[object]]:
    async def read() -> dict[str, list[object]]:
        async with database(url) as engine:
            return await contents(engine)

    return asyncio.run(read())


def run(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """The command's exit code, and what it said."""
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(tmp_path / "data")])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def damage(url: str, *statements: str) -> None:
    async def execute() -> None:
        engine = make_engine(url)
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(execute())


def test_a_rebuild_leaves_the_table_as_it_was(tmp_path: Path, url: str) -> None:
    """Of all markets, of one, whole or damaged: every byte of every table is the same afterwards."""
    (tmp_path / "data").mkdir()
    project(url, 3_000)
    before = all_of(url)
    code, said = run(tmp_path, "candles", "rebuild")
    trades = len(before["trades"])
    assert code == 0
    assert f"rebuilt the candles of 2 markets from {trades:,} trades" in said
    assert all_of(url) == before
    damage(url, "DELETE FROM candles WHERE market_id = 1 AND open_time_ms % 3 = 0")
    assert all_of(url) != before
    assert "1 market " in run(tmp_path, "candles", "rebuild", "--market", "NOVA-USDC")[1]
    assert all_of(url) == before
    with pytest.raises(NoSuchMarket, match="no market 'NO-SUCH'"):
        run(tmp_path, "candles", "rebuild", "--market", "NO-SUCH")


def test_killed_it_is_finished_by_whoever_comes_next(tmp_path: Path, url: str) -> None:
    """A kill -9 in the middle of a rebuild: `cse migrate` builds the rest, and so does another rebuild."""
    (tmp_path / "data").mkdir()
    project(url, 3_000)
    before = all_of(url)
    program = (
        "import asyncio, signal, sys\n"
        "from pathlib import Path\n"
        "from cse.adapters.sql import candle_building\n"
        "candle_building.STEP_TRADES = candle_building.STEP_DELETED = 5\n"
        "from cse.settings import load_settings\n"
        "from cse.wiring.candles import candle_builder, rebuild_candles\n"
        "async def go():\n"
        "    settings = load_settings(overrides={'data_dir': Path(sys.argv[1])}, environ={})\n"
        "    async with candle_builder(settings) as builder:\n"
        "        async for now in rebuild_candles(builder):\n"
        "            print(now.built, flush=True)\n"
        "            if now.built > 20:\n"
        "                signal.pause()\n"  # until it is killed
        "asyncio.run(go())\n"
    )
    for finish in (["migrate"], ["candles", "rebuild"]):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) > 20:
                break
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
        process.stdout.close()
        assert all_of(url) != before
        assert "built the candles of 2 markets" in run(tmp_path, *finish)[1]
        assert all_of(url) == before


def test_a_database_of_another_schema_is_refused(tmp_path: Path) -> None:
    """One sentence that says what to run; nothing is made."""
    (tmp_path / "data").mkdir()
    with pytest.raises(Exception, match="run `cse migrate`"):
        run(tmp_path, "candles", "rebuild")


def start_projector(data_dir: Path, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cse.cli", "projector", "--data-dir", str(data_dir)],
        env={**os.environ, "CSE_DATABASE_URL": url},
        stderr=subprocess.DEVNULL,
    )


async def test_a_rebuild_while_the_projector_runs(tmp_path: Path, url: str) -> None:
    """A real projector process writes meanwhile, and builds by itself what was left behind before it started."""
    data_dir = tmp_path / "data"
    settings = load_settings(overrides={"data_dir": data_dir}, environ={})
    applied = list(islice(Flow(9).run(1_000_000), 12_000))
    journal = open_journal(data_dir)
    frames = [encode_frame(one.command, one.sequence, one.time_ms) for one in applied]
    journal.append(b"".join(frames[:4_000]))
    async with database(url) as engine:
        await projector(engine).run(batches(applied[:1_000]))
        async with engine.begin() as connection:
            await connection.execute(delete(tables.candles))
            await connection.execute(delete(tables.candle_positions))
            venue = {"venue": journal.venue_id}
            await connection.execute(
                text("UPDATE projection_positions SET venue_id = :venue"), venue
            )
        process = start_projector(data_dir, url)
        try:
            history, builder = SqlHistoryReader(engine), CandleBuilder(engine)

            async def whole() -> bool:
                return await history.position() >= 4_000 and not await builder.behind()

            await wait_until_async(whole, timeout_s=60, what="the projector to build the candles")
            journal.append(b"".join(frames[4_000:]))
            async with candle_builder(settings) as other:
                async for _ in rebuild_candles(other):
                    pass

            async def written() -> bool:
                return await history.position() >= len(applied)

            await wait_until_async(written, timeout_s=60, what="the projector to come to the end")
            assert await builder.behind() == []
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
            journal.close()
        found = await contents(engine)
    expected = await rebuilt(f"sqlite:///{tmp_path / 'expected.db'}", applied)
    assert found["candles"] == expected["candles"]
    assert found["candle_positions"] == expected["candle_positions"]
