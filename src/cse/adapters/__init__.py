"""Implementations of ports, one package per technology; chosen by wiring, never by their users."""
