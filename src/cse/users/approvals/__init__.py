"""Four eyes: house money, roles, fees, limits and opening markets are proposed by one and let through by another."""
