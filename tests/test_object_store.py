"""The tests' own store: what it takes in is there for others, and who comes with wrong keys is refused."""

from __future__ import annotations

import os

import pytest

from tests.object_store import ObjectStore, forget_connections


def test_what_is_put_is_there_for_a_plain_client(object_store: ObjectStore) -> None:
    (object_store.place("data") / "some" / "x").write_bytes(b"1")
    assert object_store.contents("data") == {"some/x": b"1"}
    assert os.environ["AWS_ENDPOINT_URL"] == object_store.endpoint


def test_each_test_has_a_bucket_of_its_own(object_store: ObjectStore) -> None:
    assert object_store.contents("data") == {}


def test_wrong_keys_are_refused(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    (object_store.place("data") / "x").write_bytes(b"1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    forget_connections()
    with pytest.raises(PermissionError):
        (object_store.place("data") / "x").read_bytes()
