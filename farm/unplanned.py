"""How a dataset without a plan fares: what lies there, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairforge.datasets.files import is_file
from pairforge.datasets.manifest import MANIFEST, Manifest, read_manifest
from pairforge.datasets.records import whole_scenes
from pairforge.farm import plan as plans
from pairforge.farm import quarantine
from pairforge.farm.indices import told
from pairforge.farm.quarantine import Poison
from pairforge.farm.status_view import short
from pairforge.units import amount, bytes_text, times


@dataclass(frozen=True)
class Unplanned:
    """What was seen: the scenes that are whole, with their keyframes and bytes, and those that are set aside."""

    place: str
    manifest: Manifest
    made: frozenset[int]
    frames: int
    bytes_written: int
    poison: tuple[Poison, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """Scenes that are asked for, not made and not set aside."""
        held = {p.scene for p in self.poison}
        return tuple(i for i in self.manifest.wanted if i not in self.made and i not in held)

    @property
    def settled(self) -> bool:
        """Whether nothing more will come by itself."""
        return not self.missing

    @property
    def exit_code(self) -> int:
        """0: complete. 1: scenes stand in quarantine. 3: not complete yet, and nothing is wrong."""
        return 1 if self.poison else 3 if self.missing else 0

    def lines(self, most: int) -> tuple[str, ...]:
        """For people, failures first; ``most`` rows of each list."""
        identity = self.manifest.identity
        wanted = len(self.manifest.wanted)
        held = [
            f"  scene {p.scene} {p.reason}, begun {times(p.tries)}: {short(p.error)}\n    {p.reproducer}"
            for p in self.poison[:most]
        ]
        return (
            f"{identity.scene}  {identity.renderer}, {identity.quality}, seed {identity.seed}  {self.place}",
            *([f"QUARANTINED: {amount(len(self.poison), 'scene')} that could not be made"] if held else []),
            *held,
            f"{len(self.made):,} of {amount(wanted, 'scene')} made, "
            f"{amount(self.frames, 'keyframe')}, {bytes_text(self.bytes_written)}",
            *([f"missing: {told(self.missing, most)}"] if self.missing else []),
            *([self.remedy] if self.missing or self.poison else []),
        )

    @property
    def remedy(self) -> str:
        """What to do about what is missing."""
        free = f", pairforge quarantine {self.place} --release all before" if self.poison else ""
        return (
            "It was made without a plan, so whether something works on it cannot be told. To go on, run the same "
            f"pairforge generate again{free}: scenes that are there are kept."
        )

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "place": self.place,
            "plan": None,
            "scene": self.manifest.identity.scene,
            "exit_code": self.exit_code,
            "complete": not self.missing and not self.poison,
            "scenes": {
                "wanted": len(self.manifest.wanted),
                "made": len(self.made),
                "quarantined": len(self.poison),
            },
            "missing": list(self.missing),
            "quarantined": [p.model_dump(mode="json") for p in self.poison],
            "keyframes": self.frames,
            "bytes_written": self.bytes_written,
        }


def is_unplanned(place: str) -> bool:
    """Whether a dataset lies there, and no plan. Raises MachineError of a store."""
    root, plan = plans.locate(place)
    return plan.name == plans.PLAN and not is_file(plan) and is_file(root / MANIFEST)


def look(place: str | Path) -> Unplanned:
    """One look at the dataset. Raises DatasetError where it is damaged, MachineError and OSError of the store."""
    root, _ = plans.locate(place)
    manifest = read_manifest(root)
    whole = [e for e in whole_scenes(root) if e.scene_index in manifest.wanted]
    made = frozenset(e.scene_index for e in whole)
    poison = tuple(p for p in quarantine.read(root) if p.scene in manifest.wanted and p.scene not in made)
    return Unplanned(
        str(place), manifest, made, sum(e.frames for e in whole), sum(e.bytes for e in whole), poison
    )
