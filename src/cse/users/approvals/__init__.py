"""Four eyes: what moves house money or changes roles, fees, limits or market status is proposed by one and let through by another."""
