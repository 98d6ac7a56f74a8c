"""People are told of what was done with their account: the audit log is what is told from."""
