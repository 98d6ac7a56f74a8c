"""The Alembic history, one for all tables; it travels inside the package (see schema.py).

A new step is a file `NNNN_what.py` in versions/, written by hand as the newest one is, with its own
copies of names and types: it must do the same for ever, whatever tables.py says by then. A test compares
what the steps make with what the tables say.
"""
