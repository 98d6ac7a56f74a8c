"""Benchmarks: every figure beside its baseline from the same run. `make bench` runs them all."""
