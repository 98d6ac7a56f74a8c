"""Faults with real processes: kills, torn writes, flipped bits, full disks."""
