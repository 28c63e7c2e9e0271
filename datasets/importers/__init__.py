"""Others' logs as scenes: one file a format."""
