"""Market data for streamers: published to the bus by the process that has the engine, relayed by `cse streamer`."""
