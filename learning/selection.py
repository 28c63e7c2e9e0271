"""What of a keyframe is read and decoded; all else stays on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pairforge.arrays import ArraySpec
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.errors import DatasetError, did_you_mean


@dataclass(frozen=True)
class Selection:
    """Names of what is wanted; None means all there is.

    ``arrays``: names as in docs/store.md ("rgb"), or of one sensor alone ("LIDAR_TOP.points"). ``kinds`` and
    ``languages`` choose captions. ``text`` makes one of the chosen captions the sample's ``text``: the first, or
    another one each epoch, drawn from (seed, epoch, key). Without ``captions`` only that text is read of them.

    >>> Selection(sensors=("CAM_FRONT",), arrays=("rgb",), captions=False, text="draw").wants("CAM_FRONT", "depth")
    False
    """

    sensors: tuple[str, ...] | None = None
    arrays: tuple[str, ...] | None = None
    sweeps: bool = False
    boxes2d: bool = True
    boxes3d: bool = True
    captions: bool = True
    facts: bool = False
    kinds: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    text: Literal["", "first", "draw"] = ""

    def __post_init__(self) -> None:
        for name in ("sensors", "arrays", "kinds", "languages"):
            if isinstance(value := getattr(self, name), str):
                raise DatasetError(f'Selection.{name} is "{value}"; give a tuple of names: ("{value}",).')

    def wants(self, sensor: str, array: str) -> bool:
        """Whether this array of this sensor is selected."""
        if self.sensors is not None and sensor not in self.sensors:
            return False
        return self.arrays is None or array in self.arrays or f"{sensor}.{array}" in self.arrays

    def specs(self, sensor: str, kind: str) -> tuple[ArraySpec, ...]:
        """The selected arrays of a sensor of this kind."""
        return tuple(s for s in arrays_of(kind) if self.wants(sensor, s.name))

    def check(self, sensors: Iterable[tuple[str, str]], captions: Iterable[tuple[str, str]]) -> None:
        """DatasetError for a name that a dataset with these (sensor, kind) and (caption kind, language) lacks."""
        there = dict(sensors)
        spoken = list(captions)
        arrays = {s.name for kind in there.values() for s in arrays_of(kind)}
        arrays |= {f"{name}.{s.name}" for name, kind in there.items() for s in arrays_of(kind)}
        for what, asked, known in (
            ("sensor", self.sensors, set(there)),
            ("array", self.arrays, arrays),
            ("caption kind", self.kinds, {kind for kind, _ in spoken}),
            ("caption language", self.languages, {language for _, language in spoken}),
        ):
            for name in asked or ():
                if name not in known:
                    raise DatasetError(f'this dataset has no {what} "{name}". {did_you_mean(name, known)}')
