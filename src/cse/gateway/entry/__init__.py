"""Binary order entry: sessions of codec frames over TCP, Unix sockets and WebSocket (docs/reference/order-entry.md)."""
