"""The engine's figures are what /metrics shows at that moment."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from cse.adapters.clock import SystemClock
from cse.sandbox.venue import bootstrap_commands
from cse.settings import load_settings
from cse.wiring.metrics import count_sequencer
from cse.wiring.sequencer import running_sequencer


async def test_the_figures_follow_the_sequencer(tmp_path: Path) -> None:
    """Sequence grows with commands; a closed sequencer accepts nothing."""
    registry = CollectorRegistry()
    settings = load_settings(overrides={"data_dir": tmp_path}, environ={})
    async with running_sequencer(settings, SystemClock()) as sequencer:
        count_sequencer(registry, sequencer, "python")
        assert registry.get_sample_value("cse_engine_info", {"engine": "python"}) == 1
        assert registry.get_sample_value("cse_engine_sequence") == 0
        await sequencer.submit_batch(bootstrap_commands())
        assert registry.get_sample_value("cse_engine_sequence") == len(bootstrap_commands())
        assert registry.get_sample_value("cse_engine_waiting_commands") == 0
        assert registry.get_sample_value("cse_engine_accepting") == 1
    assert registry.get_sample_value("cse_engine_accepting") == 0
