"""The journal and the snapshots in files; their formats are in docs/reference/journal.md."""
