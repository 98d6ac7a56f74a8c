"""The WebSocket: market data, own orders and balances as they change, and order entry."""
