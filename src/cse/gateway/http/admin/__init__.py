"""The admin API: what staff do, each with a permission, a reason and a record in the audit log."""
