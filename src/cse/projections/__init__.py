"""Read models: what the events add up to, in memory for the present and in SQL for the past."""
