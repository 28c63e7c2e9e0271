"""Named streams: the same for the same name, unrelated for another."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from pairforge.pipeline import scene_seed
from pairforge.seeding import Stream


@given(st.integers(0, 2**63), st.text(max_size=20), st.text(max_size=20))
def test_another_path_is_another_stream(seed, a, b):
    first, second = Stream(seed, a).rng().random(4), Stream(seed, b).rng().random(4)
    assert (list(first) == list(second)) == (a == b)


def test_a_stream_is_the_same_in_another_process():
    code = "from pairforge.seeding import Stream; print(repr(float((Stream(7) / 'mug' / 'colour').rng().random())))"
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(there) == (Stream(7) / "mug" / "colour").rng().random()


def test_scene_seeds_do_not_depend_on_how_many_scenes_there_are():
    seeds = [scene_seed(7, i) for i in range(200)]
    assert len(set(seeds)) == 200
    assert scene_seed(7, 3) == seeds[3]
    assert all(0 <= s < 2**53 for s in seeds)


def test_known_values_stay_as_they_are():
    """Datasets on disk are replayed from these numbers."""
    assert Stream(7, "mug/colour").integer() == 592295331411670
