"""The one writer: commands get a sequence number and a time, become durable, are applied, and only then
answered. Owns the ports Journal and SnapshotStore; replay, snapshots and followers stand on them.
"""
