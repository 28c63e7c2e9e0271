"""A dataset in the formats that others' tools read: one file a format."""
