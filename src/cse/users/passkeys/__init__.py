"""Passkeys (Web Authentication, W3C WebAuthn level 2): a way to log in, a second factor, and a proof for step-ups."""
