"""Worlds that come with pairforge."""
