"""Computing: from candles to the values of a block."""

from cse.market_data.candles import INTERVALS
from cse.market_data.indicators import library
from cse.market_data.indicators.blocks import MAX_WARM_UP, Block, warm_up
from cse.market_data.indicators.chosen import Chosen, Unusable
from cse.market_data.indicators.series import Series
from cse.market_data.indicators.told import Values, nothing, told


def compute(chosen: Chosen, series: Series, interval: str, block: Block, from_ms: int) -> Values:
    """Return the values of those of a block's candles that open at `from_ms` or later.

    `series` begins `reach_ms` before the block, or with the market's first candle.
    """
    begin_ms = block.begin_ms - reach_ms(chosen, interval)
    wanted = series.between(begin_ms, block.end_ms)
    step_ms, count = INTERVALS[interval], len(wanted)
    if count == 0:
        return nothing(len(chosen.function.outputs), step_ms)
    outputs = library.compute(chosen, [wanted.columns[name] for name in chosen.function.inputs])
    first = int(wanted.times.searchsorted(max(from_ms, block.begin_ms)))
    start_ms = int(wanted.times[0])
    times = range(start_ms, start_ms + count * step_ms, step_ms)
    assert times[-1] == int(wanted.times[-1]), "candles come without holes"
    return Values(times[first:], [told(values[first:].tolist()) for values in outputs])


def reach_ms(chosen: Chosen, interval: str) -> int:
    """Return how long before a block the candles begin that its values are computed from.

    Raises:
        Unusable: these parameters need more candles than a value may cost.
    """
    lookback = library.lookback(chosen)
    if lookback > MAX_WARM_UP:
        reason = f"{chosen.name} needs {lookback} candles for a value; at most {MAX_WARM_UP}"
        raise Unusable("name", reason)
    return warm_up(chosen.function, lookback) * INTERVALS[interval]
