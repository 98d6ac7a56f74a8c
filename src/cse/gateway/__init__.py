"""The network edge: HTTP and WebSocket in, commands out; views in, JSON out. No business rules."""
