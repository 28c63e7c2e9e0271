"""Finishing a plan: its manifest merged, and the whole compared with what the plan says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pairforge.datasets import timings
from pairforge.datasets.manifest import ask_for, check_same, finish
from pairforge.errors import DatasetError
from pairforge.farm import plan as plans
from pairforge.farm import quarantine
from pairforge.farm.quarantine import Poison


@dataclass(frozen=True)
class Finished:
    """What is there of a plan: how many scenes and keyframes were asked for and made, which are in quarantine, and
    which are missing for no known reason."""

    root: Path
    wanted: int
    made: int
    keyframes: int
    quarantined: tuple[Poison, ...]
    missing: tuple[int, ...]
    jobs: tuple[int, ...]

    @property
    def whole(self) -> bool:
        return self.made == self.wanted


def finish_plan(where: str | Path, allow_missing: bool = False) -> Finished:
    """Merge the manifest of the plan's dataset. With ``allow_missing`` the scenes that are not there are no longer
    asked for, so that ``verify`` proves what is there; the plan still names them, and work may still make them.

    Raises DatasetError when the dataset is another than the plan's or a scene's files are called wrongly.
    """
    root, plan = plans.read(where)
    check_same(root, plan.identity)
    manifest = finish(root)
    timings.merge(root)
    wanted = plan.wanted
    ours = [record for record in manifest.scenes if record.scene_index in wanted]
    for record in ours:
        if record.slug != plan.slug(record.scene_index):
            raise DatasetError(
                f"scene {record.scene_index} of {root} is called {record.slug}, by the plan "
                f"{plan.slug(record.scene_index)}. "
                "Delete its record and make it again."
            )
    made = {record.scene_index for record in ours}
    poison = tuple(p for p in quarantine.read(root) if p.scene in wanted and p.scene not in made)
    held = {p.scene for p in poison}
    missing = tuple(i for i in wanted if i not in made and i not in held)
    jobs = tuple(sorted({plan.job_of(i) for i in missing}))
    asked = [i for i in manifest.wanted if i not in wanted]
    ask_for(root, [*asked, *(sorted(made) if allow_missing else wanted)])
    return Finished(root, len(wanted), len(made), sum(r.frames for r in ours), poison, missing, jobs)
