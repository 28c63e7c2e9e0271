"""Measured facts as text, and the reading of text back into facts."""
