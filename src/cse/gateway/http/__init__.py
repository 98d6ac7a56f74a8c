"""The REST side of the gateway: one module per group of calls."""
