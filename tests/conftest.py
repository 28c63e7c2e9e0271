"""Every run of the tests draws the same examples, whatever ran before; and what tests of several folders share."""

from hypothesis import settings

from tests.object_store import _object_store, object_store_server  # noqa: F401

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")
