"""Questions with programs: SQL over a dataset's own tables whose execution is the answer."""
