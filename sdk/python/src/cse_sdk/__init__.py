"""CS Exchange's market data and own orders over its WebSocket."""
