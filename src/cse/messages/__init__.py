"""What goes into the engine and what comes out: commands, events, state records, one binary codec."""
