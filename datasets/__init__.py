"""The native store, its verifier, and what reads and writes other formats."""
