"""Mailers: SMTP, and the sandbox's mailbox in a file."""
