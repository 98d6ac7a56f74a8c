"""The writer of a data directory on either engine: what one has written the other goes on from."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cse.adapters.clock import SystemClock
from cse.engine.native import EngineUnusable
from cse.messages.events import OrderAccepted
from cse.settings import load_settings
from cse.wiring.sequencer import running_sequencer
from tests.engines import running_on
from tests.simulation.flow import commands


async def run(folder: Path, engine: str, first: int, last: int) -> tuple[str, int]:
    """Hand in a part of a flow; returns the state hash at the end and how many orders were accepted."""
    settings = load_settings(overrides={"data_dir": folder, "engine": engine}, environ={})
    flow, accepted = commands(seed=61, count=last)[first:], 0
    with capture_logs() as logs:
        async with running_sequencer(settings, SystemClock()) as sequencer:
            for at in range(0, len(flow), 100):
                for applied in await sequencer.submit_batch(flow[at : at + 100]):
                    accepted += any(isinstance(event, OrderAccepted) for event in applied.events)
            state_hash = sequencer.state_hash().hex()
    (recovered,) = [entry for entry in logs if entry["event"] == "engine_recovered"]
    assert (recovered["engine"], recovered["sequence"]) == (engine, first)
    return state_hash, accepted


async def test_a_data_directory_may_change_its_engine_at_any_start(tmp_path: Path) -> None:
    """Python, native, Python, native: each finds the state that the one before left, and goes on from it."""
    with running_on("native"):
        for number in range(4):
            engine = ("python", "native")[number % 2]
            _, accepted = await run(tmp_path, engine, 300 * number, 300 * (number + 1))
            assert accepted > 50
        ends = {(await run(tmp_path, engine, 1_200, 1_200))[0] for engine in ("python", "native")}
    assert len(ends) == 1


async def test_a_demanded_engine_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """Before anything is written: the journal can be opened by the next."""
    with running_on("python"):
        with pytest.raises(EngineUnusable, match="make native"):
            await run(tmp_path, "native", 0, 100)
        await run(tmp_path, "python", 0, 100)
