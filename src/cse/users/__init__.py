"""Who people are: registration, passwords, sessions and their tokens, and their accounts' opening."""
