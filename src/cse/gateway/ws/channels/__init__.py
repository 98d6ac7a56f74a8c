"""The kinds of channel: how each is called, what it sends, and how it is kept at little cost."""
