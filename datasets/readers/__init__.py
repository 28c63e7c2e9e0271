"""Captions read back into claims: one reader a language. Nothing here is shared with ``captioners``."""
