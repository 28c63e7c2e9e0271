"""Storms over a small farm do no harm, and the judges who say so see harm where there is some.

``python -m benchmarks.chaos`` is the same at full size.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pairforge.datasets.manifest import finish
from pairforge.datasets.records import record_path
from pairforge.errors import MachineError
from pairforge.farm.job import Job
from pairforge.farm.protocol import Failure
from pairforge.generate import Request, generate
from tests.farm.chaos import Command, Fault, Storm, Story, faults, filling
from tests.farm.disks import small_disk
from tests.farm.here import Here
from tests.farm.judges import contents, harm, left_in
from tests.farm.watch import Watch

SPEC = f"{Path(__file__).with_name('speck_spec.py')}:SPECK"
SCENES = 12
STORMY = 36
"""Scenes of a storm: more than are made while its faults come."""
WHOLE = Story(whole=True)


def request(out: Path, scenes: int = SCENES) -> Request:
    return Request(SPEC, out, scenes, seed=7, renderer="raycast", quality="draft")


def command(out: Path, *more: str, scenes: int = SCENES) -> Command:
    words = [sys.executable, "-m", "pairforge", "generate", SPEC, "--scenes", str(scenes), "--seed", "7"]
    words += ["--out", str(out), "--renderer", "raycast", "--quality", "draft", "--workers", "2", *more]
    return Command("generate", tuple(words))


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("calm") / "data"
    assert not generate(request(out), Here()).failed
    return out


def judged(
    calm: Path, out: Path, story: Story, scenes: int = SCENES, watch: Watch | None = None
) -> list[str]:
    return harm(contents(calm), out, scenes, watch or Watch(out), story)


def test_a_storm_is_the_same_by_its_seed():
    kinds = ("kill worker", "power cut")
    assert faults(3, 6, kinds, 50) == faults(3, 6, kinds, 50)
    assert faults(3, 6, kinds, 50) != faults(4, 6, kinds, 50)
    assert sorted(f.kind for f in faults(3, 6, kinds, 50)) == ["kill worker"] * 3 + ["power cut"] * 3


@pytest.mark.slow
def test_a_storm_does_no_harm(tmp_path):
    calm = tmp_path / "calm"
    assert not generate(request(calm, STORMY), Here()).failed
    with small_disk(tmp_path / "disk", 16) as disk:
        out = (
            disk or tmp_path
        ) / "data"  # where we may not mount, a limit on the size of files does for a full disk
        kinds = ("kill worker", "power cut", "fill disk" if disk else "limit files")
        watch = Watch(out)
        strikers = {"fill disk": filling(disk)} if disk else {}
        # Of this seed all faults come early: a quick machine makes twelve scenes in two seconds.
        made = [command(out, scenes=STORMY)]
        storm = Storm(tmp_path / "logs", made, faults(178, 3, kinds, SCENES), watch, strikers=strikers)
        story = storm.run(within_s=400)
        log = (tmp_path / "logs" / "generate.log").read_text()
        assert judged(calm, out, story, STORMY, watch) == [], log
        assert sum(story.struck.values()) == 3, story.log
        assert story.codes[2] >= 1, "a run whose disk is full ends as one that failed"
        assert "no space is left" in log
        # A worker may die between its record and its word; one whose driver died may publish beside the next's.
        assert watch.made_again <= 2 * 3


class Full:
    """An executor whose disk is full: every scene is refused, until it may stop."""

    def __init__(self) -> None:
        self.drained = False

    def run(self, jobs: Sequence[Job], *_: object) -> Iterator[Failure]:
        for job in jobs:
            if not self.drained:
                yield Failure(job.index, MachineError("no space is left"), "storage")

    def drain(self) -> None:
        self.drained = True


def test_a_full_disk_is_not_tried_with_scene_after_scene(tmp_path):
    assert [f.index for f in generate(request(tmp_path / "data"), Full()).failed] == [0]


def flip(out: Path) -> None:
    shard = next((out / "shards").iterdir())
    data = bytearray(shard.read_bytes())
    data[len(data) // 3] ^= 1
    shard.write_bytes(bytes(data))


def lose(out: Path) -> None:
    record_path(out, "speck-000003").unlink()
    finish(out)


def stage(out: Path) -> None:
    (out / ".staging" / "host.speck-000001.x").mkdir(parents=True)


def stray(out: Path) -> None:
    shutil.copy(out / "shards" / "speck-000001.tar", out / "shards" / "speck-000001.tar.1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (flip, ("has other bytes", "verify: ")),
        (lose, ("scene 3 is lost from the records", "scene 3 is lost from dataset.json")),
        (stage, ("host.speck-000001.x is left",)),
        (stray, ("is too many",)),
    ],
)
def test_the_judges_see_what_is_wrong_with_a_dataset(calm, tmp_path, wrong, words):
    shutil.copytree(calm, tmp_path / "data")
    assert judged(calm, tmp_path / "data", WHOLE) == []
    wrong(tmp_path / "data")
    found = "\n".join(judged(calm, tmp_path / "data", WHOLE))
    assert all(word in found for word in words), found


def test_the_judges_see_a_scene_that_was_published_twice_with_different_bytes(tmp_path):
    record = tmp_path / "records" / "speck-000001.json"
    record.parent.mkdir()
    watch = Watch(tmp_path)
    for text in ("one", "one", "other"):
        other = tmp_path / "new"
        other.write_text(text)
        other.replace(record)
        watch.look()
    assert watch.made_again == 2
    assert len(set(watch.published["speck-000001"])) == 2


def test_the_judges_see_what_commands_leave_among_temporary_files_and_not_what_stands_around(tmp_path):
    for name in ("seaweedfs-a1/0/2.dat", "ray/session/log", "pairforge-0/worker-x/half.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert left_in(tmp_path) == [tmp_path / "pairforge-0/worker-x/half.png"]


def test_the_storm_sees_a_process_that_outlives_its_command(tmp_path):
    leaving = Command("leaving", ("/bin/sh", "-c", "sleep 300 & exit 0"))
    storm = Storm(tmp_path, [leaving], (), Watch(tmp_path), linger_s=1.0)
    story = storm.run(within_s=30)
    assert story.whole
    assert len(story.left) == 1
    for _ in range(100):  # a killed process takes a moment to go
        storm.marked.look()
        if not storm.marked.of("any"):
            break
        time.sleep(0.05)
    assert not storm.marked.of("any"), "and ends it"


def test_a_command_that_cannot_end_well_is_given_up(tmp_path):
    storm = Storm(tmp_path, [Command("failing", ("/bin/false",))], (), Watch(tmp_path))
    assert not storm.run(within_s=30).whole


@pytest.mark.slow
def test_the_judges_see_a_writer_that_publishes_before_it_has_written(tmp_path_factory, tmp_path):
    few = 2
    calm, out = tmp_path_factory.mktemp("few") / "data", tmp_path / "data"
    assert not generate(request(calm, few), Here()).failed
    torn = "from tests.farm.broken import main; main()"
    watch = Watch(out)
    storm = Storm(
        tmp_path / "logs",
        [Command("torn", (sys.executable, "-c", torn, SPEC, str(out), str(few)))],
        [Fault("power cut", 1, 0.0, 0.0)],
        watch,
        environment={"PYTHONPATH": ":".join(p for p in sys.path if p)},
    )
    story = storm.run(within_s=200)
    found = "\n".join(judged(calm, out, story, few, watch))
    assert story.struck == {"power cut": 1}
    assert "has other bytes" in found, (tmp_path / "logs" / "torn.log").read_text()
    assert "verify: " in found
