"""Order flow that looks like a market's and belongs to nobody: `cse generate-flow` writes it as LOBSTER files."""
