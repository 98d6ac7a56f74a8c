"""Sub-accounts: further accounts of a person, each with its own balances, orders, keys and limits."""
