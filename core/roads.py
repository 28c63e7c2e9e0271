"""Road networks in and out: a scene's roads as a file, a file judged, either drawn from above."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pairforge.errors import SpecError

if TYPE_CHECKING:
    from pairforge.scenes.roads.network import RoadNetwork
    from pairforge.scenes.roads.opendrive_read import Reading

SUFFIX = ".xodr"
FAMILY = "road_network"
"""The shape family of the item that keeps a scene's road network."""


def network_of(source: str, seed: int = 0) -> RoadNetwork:
    """The roads of an OpenDRIVE file (``….xodr``) or of a scene (a library name or file.py:NAME) at a seed."""
    from pairforge.scenes.roads.opendrive_read import read_opendrive

    return read_opendrive(Path(source)).network if source.endswith(SUFFIX) else scene_network(source, seed)


def scene_network(spec: str, seed: int) -> RoadNetwork:
    """The road network that a scene is made on. SpecError: its setting has none."""
    from pairforge.scenes.load import load_scene
    from pairforge.scenes.resolve import resolve
    from pairforge.scenes.roads.network import RoadNetwork
    from pairforge.scenes.roads.setting import RoadSetting

    scene = load_scene(spec).scene
    items = resolve(scene, seed).items if isinstance(scene.setting, RoadSetting) else ()
    for item in items:
        if item.family == FAMILY:
            return RoadNetwork.from_json(item.params["network"])
    setting = type(scene.setting).__name__
    raise SpecError(
        f'scene "{scene.name}" has no road network: its setting is {setting}. Settings made on one are in '
        "pairforge.scenes.roads, as Crossroads and OpenDriveMap."
    )


def export(spec: str, seed: int, path: Path) -> RoadNetwork:
    """Writes a scene's roads as an OpenDRIVE file, whole or not at all; returns them."""
    from pairforge.scenes.roads.opendrive_write import opendrive

    _named(path, SUFFIX)
    network = scene_network(spec, seed)
    _write(path, opendrive(network))
    return network


def draw_plan(source: str, seed: int, path: Path, width_px: int = 1200) -> None:
    """Draws the roads of a file or scene from above into a PNG."""
    from pairforge.scenes.roads.plan import plan

    _named(path, ".png")
    if not 200 <= width_px <= 8000:
        raise SpecError(f"a plan {width_px} px wide: give 200 to 8000")
    data = io.BytesIO()
    plan(network_of(source, seed), width_px).save(data, "PNG")
    _write(path, data.getvalue())


def _named(path: Path, suffix: str) -> None:
    if path.suffix != suffix:
        raise SpecError(f'--out "{path}": name a file that ends in {suffix}')


def _write(path: Path, data: bytes) -> None:
    from pairforge.datasets.files import write_atomic

    write_atomic(path.parent, path, data)


def summary(reading: Reading) -> dict[str, Any]:
    """What a file holds, as JSON values."""
    network = reading.network
    lanes = Counter(lane.kind for r in network.roads for s in r.sections for lane in (*s.left, *s.right))
    signals = Counter("light" if s.kind == "light" else "sign" for r in network.roads for s in r.signals)
    between = [r for r in network.roads if r.junction is None]
    west, south, east, north = _extent(network)
    return {
        "name": network.name,
        "version": reading.version,
        "sha256": reading.sha256,
        "roads": len(between),
        "connecting_roads": len(network.roads) - len(between),
        "junctions": len(network.junctions),
        "length_m": round(sum(r.length_m for r in between), 1),
        "lanes": dict(sorted(lanes.items())),
        "lights": signals["light"],
        "signs": signals["sign"],
        "crosswalks": sum(len(r.crosswalks) for r in network.roads),
        "extent_m": [round(east - west, 1), round(north - south, 1)],
        "notes": list(reading.notes),
    }


def _extent(network: RoadNetwork) -> tuple[float, float, float, float]:
    """West, south, east and north end of the reference lines."""
    import numpy as np

    from pairforge.scenes.roads.reference_line import line_at

    points = np.concatenate([line_at(r, np.linspace(0.0, r.length_m, 65)).xyz_m for r in network.roads])
    (west, south, _), (east, north, _) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)
