"""A setting made of somebody's OpenDRIVE file."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Uniform, Value, Vector
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.crop import within
from pairforge.scenes.roads.kerb_lanes import without_kerb_lanes
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.opendrive_read import Reading, parse_opendrive, read_bytes
from pairforge.scenes.roads.setting import RoadSetting, checked


@dataclass(frozen=True, kw_only=True)
class OpenDriveMap(RoadSetting):
    """The roads of an OpenDRIVE file as a world.

    ``file``: an ``.xodr`` file, beside the spec file or below the working folder. Its hash is the draw
    ``setting.sha256``, and its roads are kept in the concrete scene, which needs the file no more. ``sha256``
    given: another file of that name is refused. ``radius_m`` given: only the roads that come so near to
    ``centre_m`` (x, y, 0; in the file's own metres), with the junctions between them.
    """

    file: Value[str]
    sha256: str | None = None
    centre_m: Value[Vector] = (0.0, 0.0, 0.0)
    radius_m: Value[float] | None = None
    corner_radius_m: Value[float] = Uniform(5.0, 8.0)
    folder: str = ""
    """Where the spec file lies; set when it is loaded."""

    def lay(self, draw: Draws) -> RoadNetwork:
        """The file's roads. SpecError: it cannot be read, is not the one meant, or has no road near ``centre_m``."""
        name = str(draw("file", self.file))
        reading = _read(name, self.folder)
        meant = str(draw("sha256", self.sha256 or reading.sha256))
        if meant != reading.sha256:
            raise SpecError(
                f"{name} is another file than was meant: its sha256 is {reading.sha256[:12]}…, not {meant[:12]}…. "
                "Give the file that was meant, or its new sha256."
            )
        if self.radius_m is None:
            return without_kerb_lanes(reading.network)
        x, y, _ = draw("centre_m", self.centre_m)
        radius_m = float(draw("radius_m", self.radius_m))
        if not radius_m > 0.0:
            raise SpecError(f"OpenDriveMap(radius_m={radius_m:g}): give more than 0")
        return without_kerb_lanes(within(reading.network, (float(x), float(y)), radius_m))

    def corner_m(self, draw: Draws) -> float:
        return checked(draw, self, "corner_radius_m", 3.0, 20.0)


def _read(name: str, folder: str) -> Reading:
    beside = Path(folder) / name
    data = read_bytes(beside if folder and beside.is_file() else Path(name))
    return _parsed(data, Path(name).name)


@lru_cache(maxsize=4)
def _parsed(data: bytes, source: str) -> Reading:
    """Scenes are drawn many times over; the same bytes are read once."""
    return parse_opendrive(data, source)
