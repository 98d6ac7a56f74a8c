"""People take their data with them, and close their accounts."""
