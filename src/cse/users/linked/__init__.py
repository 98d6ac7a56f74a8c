"""Identities at other providers (X, Discord, YouTube): linked to people, and ways for them to sign in."""
