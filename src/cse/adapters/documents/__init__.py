"""Where sealed documents of people lie."""
