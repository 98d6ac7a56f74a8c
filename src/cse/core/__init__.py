"""Small value types that everything else stands on: money, ids, errors, the clock's shape."""
