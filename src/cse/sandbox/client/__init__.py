"""A small async client of the public API: what bots and replays use, and nothing that others could not.

rest logs in and asks, trader sends orders and finds out what became of them, stream follows the
WebSocket; order books are kept by the SDK's (cse_sdk.LocalBook).
"""
