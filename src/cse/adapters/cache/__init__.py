"""Caches and rate-limit buckets that gateways share, in memory or in Redis."""
