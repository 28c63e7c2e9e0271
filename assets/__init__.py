"""Assets: the manifest of every source and licence, and small files."""
