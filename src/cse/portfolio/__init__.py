"""What accounts have, what it cost and what it earned: pure arithmetic on what history says."""
