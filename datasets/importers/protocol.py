"""What every importer gives: a logged drive as plain poses, boxes and calibration in pairforge's conventions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from pairforge.datasets.exporters.protocol import Option
from pairforge.errors import PairforgeError
from pairforge.frames import Intrinsics, Pose


class LogError(PairforgeError):
    """Someone else's data cannot be read as a scene."""


@dataclass(frozen=True, eq=False)
class LoggedSensor:
    """A sensor of the log: ``ego_from_sensor`` in our axes (cameras x right, y down, z forward; all else x forward,
    y left, z up), ``intrinsics`` of cameras, ``rate_hz`` if known; ``model`` its name in the catalogue of sensors, if
    it is of a known make ("" when not)."""

    name: str
    kind: str
    ego_from_sensor: Pose
    intrinsics: Intrinsics | None = None
    rate_hz: float | None = None
    model: str = ""


@dataclass(frozen=True, eq=False)
class LoggedActor:
    """Something with a track: ``semantic`` a class of ``scenes/taxonomy.py``; ``size_m`` length, width, height;
    ``world_from_box`` its box's centre at ``times_ns`` (N), strictly rising, x along its length. ``category`` is the
    log's own word. ``shape``: the shape family that shows it best; "": the class's that is nearest in size."""

    name: str
    category: str
    semantic: str
    size_m: tuple[float, float, float]
    times_ns: tuple[int, ...]
    world_from_box: tuple[Pose, ...]
    shape: str = ""


Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class LoggedLane:
    """A lane's middle in driving direction, (x, y, z) in metres of the world, and its width."""

    centre_m: tuple[tuple[float, float, float], ...]
    width_m: float = 3.5
    speed_limit_mps: float = 13.89


@dataclass(frozen=True, eq=False)
class LoggedScene:
    """A drive. Times start at 0 (``start_ns`` is the log's own stamp of that); the world is level and metric, near
    its origin (``origin_m`` is what was taken off the log's own coordinates). ``world_from_ego`` at ``ego_times_ns``:
    origin on the ground under the rear axle, x forward. ``keyframe_times_ns``: those with labels."""

    name: str
    source: str
    start_ns: int
    origin_m: tuple[float, float, float]
    ego_times_ns: tuple[int, ...]
    world_from_ego: tuple[Pose, ...]
    keyframe_times_ns: tuple[int, ...]
    sensors: tuple[LoggedSensor, ...]
    actors: tuple[LoggedActor, ...]
    drivable: tuple[tuple[Ring, ...], ...] = ()
    lanes: tuple[LoggedLane, ...] = ()


class Importer(Protocol):
    """One format's reader."""

    name: ClassVar[str]
    summary: ClassVar[str]
    needs: ClassVar[str]
    options: ClassVar[Mapping[str, Option]]

    def scenes(self, root: Path, options: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the drives under ``root``; LogError when it is not of this format. ``options``: every one, as
        given or by default."""

    def read(self, root: Path, scene: str, options: Mapping[str, str]) -> LoggedScene:
        """One of them."""
