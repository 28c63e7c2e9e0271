"""Procedural shape families: geometry of our own, drawn and then built."""
