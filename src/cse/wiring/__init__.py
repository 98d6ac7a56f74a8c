"""Small factories that choose adapters from the settings and put the parts together."""
