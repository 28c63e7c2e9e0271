"""A town street: lanes both ways (right-hand traffic), parking, pavements, houses and shops, trees, lamps, signs.

The street starts at the world's origin along +x; ``s`` is the distance along it, left is +y at its start.
"""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane
from pairforge.scenes.distributions import Choice, Flag, Integer, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.shapes.centreline import Centreline
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M, KERB_WIDTH_M, LOT_HEIGHT_M, sign_of
from pairforge.scenes.shapes.roads import CROSS_STREET_M, ZEBRA_M, CrossSection
from pairforge.scenes.shapes.signs import STREET_NAMES
from pairforge.scenes.surfaces import Strip, Surface

SIDES = ("left", "right")
PARKING_M = 2.3
FURNITURE_M, TREE_M = 0.62, 0.85
"""Lamps and the like, and trees, stand this far behind the kerb's face."""
_CLEAR_M = 1.45
_SLOT_M = 5.5
_PARKING = {"none": (), "left": ("left",), "right": ("right",), "both": SIDES}


@dataclass(frozen=True, kw_only=True)
class Street(Setting):
    """A street of ``length_m`` that ends at a cross street at either end.

    ``lanes`` counts both directions (2 or 4); lanes are numbered from the kerbs inwards: 0 goes
    forward, 1 comes back, and the inner 2 and 3 likewise. ``parking``: "none", "left", "right" or "both". Positive
    ``curvature_per_m`` bends to the left. ``building_density`` 0..1 is the share of lots that are built on;
    ``crossing`` says whether there is a zebra crossing, about half-way.
    """

    length_m: Value[float] = Uniform(190.0, 230.0)
    lanes: Value[int] = Choice(2, 4, weights=(0.75, 0.25))
    lane_width_m: Value[float] = Uniform(3.1, 3.5)
    speed_limit_mps: Value[float] = Choice(8.33, 11.11, 13.89)
    parking: Value[str] = Choice("both", "right", "left", weights=(0.5, 0.3, 0.2))
    pavement_m: Value[float] = Uniform(3.4, 4.6)
    curvature_per_m: Value[float] = Uniform(-0.0022, 0.0022)
    building_density: Value[float] = Uniform(0.8, 1.0)
    tree_spacing_m: Value[float] = Choice(11.0, 16.5, 22.0)
    crossing: Value[bool] = Flag(0.7)

    def expand(self, draw: Draws) -> SettingPlan:
        """The plan; SpecError when a drawn value is out of range."""
        line = Centreline(draw("length_m", self.length_m), draw("curvature_per_m", self.curvature_per_m))
        section = self._section(draw)
        limit_mps = draw("speed_limit_mps", self.speed_limit_mps)
        if not 1.0 <= limit_mps <= 70.0:
            raise SpecError(f"Street(speed_limit_mps={limit_mps:g}): give 1 to 70 m/s")
        crossings = _crossings(draw, self.crossing, line)
        density, spacing_m = (
            draw("building_density", self.building_density),
            draw("tree_spacing_m", self.tree_spacing_m),
        )
        _check(line, density, spacing_m)
        planted = list(_planted(draw, line, section, crossings, spacing_m))
        items = [
            draw.item("horizon", "horizon", position_m=line.points(line.length_m / 2).tolist()),
            _road(draw, line, section, crossings, _pits(planted, section)),
            *_rows(draw, line, section, density),
            *_vistas(draw, line, section),
            *(item for item, _ in planted),
            *_posted(draw, line, section, crossings),
        ]
        return SettingPlan(
            tuple(items),
            tuple(_surfaces(line, section, crossings)),
            tuple(_lanes(line, section, limit_mps, crossings)),
        )

    def _section(self, draw: Draws) -> CrossSection:
        lanes, parking = draw("lanes", self.lanes), draw("parking", self.parking)
        if lanes not in (2, 4):
            raise SpecError(f"Street(lanes={lanes}): a street has 2 or 4 lanes, both directions together")
        if parking not in _PARKING:
            raise SpecError(f'Street(parking="{parking}"): say "none", "left", "right" or "both"')
        width_m, pavement_m = draw("lane_width_m", self.lane_width_m), draw("pavement_m", self.pavement_m)
        if not 2.6 <= width_m <= 5.0 or not 2.5 <= pavement_m <= 10.0:
            raise SpecError(
                f"Street(lane_width_m={width_m:g}, pavement_m={pavement_m:g}): lanes are 2.6 to 5 m wide, "
                "pavements 2.5 to 10 m"
            )
        left, right = (PARKING_M if side in _PARKING[parking] else 0.0 for side in SIDES)
        return CrossSection(lanes, width_m, left, right, pavement_m)


def _check(line: Centreline, density: float, spacing_m: float) -> None:
    if not 60.0 <= line.length_m <= 600.0:
        raise SpecError(f"Street(length_m={line.length_m:g}): a street is 60 to 600 m long")
    if abs(line.curvature_per_m) * line.length_m > 1.6:
        raise SpecError(
            f"Street(curvature_per_m={line.curvature_per_m:g}) turns {abs(line.curvature_per_m) * line.length_m:.1f} "
            f"rad over {line.length_m:g} m and would meet itself; keep it below {1.6 / line.length_m:.4f}"
        )
    if not 0.0 <= density <= 1.0:
        raise SpecError(f"Street(building_density={density:g}): give a share in 0..1")
    if spacing_m < 4.0:
        raise SpecError(f"Street(tree_spacing_m={spacing_m:g}): trees need at least 4 m")


def _crossings(draw: Draws, crossing: Value[bool], line: Centreline) -> list[float]:
    where = draw("crossing_s_m", Uniform(0.45 * line.length_m, 0.58 * line.length_m))
    return [where] if draw("crossing", crossing) else []


def _pits(planted: list[tuple[ConcreteItem, float]], section: CrossSection) -> list[list[float]]:
    """Where the pavement is left open for trees: (s, lateral) of each."""
    lateral = {side: sign_of(side) * (section.kerb_m(side) + TREE_M) for side in SIDES}
    return [[s, lateral[item.name.split("_")[0]]] for item, s in planted if item.family == "tree"]


def _road(
    draw: Draws, line: Centreline, section: CrossSection, crossings: list[float], pits: list[list[float]]
) -> ConcreteItem:
    """The road with its patches, manholes and tree pits."""
    patches, manholes = [], []
    half, length = section.half_lanes_m, line.length_m
    for k in range(draw("patches", Integer(3, 7))):
        under = draw.under(f"patch_{k}")
        s = under("s_m", Uniform(5.0, length - 20.0))
        patches.append(
            [
                s,
                under("lateral_m", Uniform(-half + 0.3, half - 1.8)),
                under("length_m", Uniform(1.5, 9.0)),
                under("width_m", Uniform(0.5, 1.3)),
            ]
        )
    for k in range(draw("manholes", Integer(3, 6))):
        under = draw.under(f"manhole_{k}")
        lateral = under("lateral_m", Uniform(-half + 0.8, half - 0.8))
        manholes.append([under("s_m", Uniform(5.0, length - 5.0)), lateral])
    return draw.item(
        "road",
        "road",
        params={
            "length_m": length,
            "curvature_per_m": line.curvature_per_m,
            "lanes": section.lanes,
            "lane_width_m": section.lane_width_m,
            "parking_left_m": section.parking_left_m,
            "parking_right_m": section.parking_right_m,
            "pavement_m": section.pavement_m,
            "crossings_s_m": crossings,
            "tree_pits": pits,
            "patches": patches,
            "manholes": manholes,
        },
    )


def _facing(line: Centreline, s_m: float, side: str) -> float:
    """The yaw of something beside the line at ``s_m`` whose front looks at it."""
    return float(line.heading(s_m)) - sign_of(side) * np.pi / 2


def _stand(
    item: ConcreteItem, line: Centreline, s_m: float, lateral_m: float, z_m: float, side: str
) -> ConcreteItem:
    """The item beside the line, facing it."""
    x, y, z = (float(v) for v in line.points(s_m, lateral_m, z_m))
    yaw = _facing(line, s_m, side)
    return replace(item, position_m=(x, y, z), quaternion_wxyz=_turned(yaw))


def _rows(draw: Draws, line: Centreline, section: CrossSection, density: float) -> Iterator[ConcreteItem]:
    """Buildings along both sides, one lot after the other; an empty lot grows a tree behind a hedge."""
    for side in SIDES:
        s, k = 0.4, 0
        edge = section.edge_m(side)
        while s < line.length_m - 6.0:
            lot = draw.under(f"{side}_lot_{k}")
            built = lot("built", Flag(density))
            house = draw.item(f"{side}_building_{k}", "building") if built else None
            width = (
                house.params["bays"] * house.params["bay_m"] if house else lot("width_m", Uniform(7.0, 11.0))
            )
            depth = house.params["depth_m"] if house else 6.0
            # Inside a bend the backs of the lots are shorter than their fronts.
            share = min(1 - line.curvature_per_m * sign_of(side) * (edge + d) for d in (0.0, depth))
            span = width / share
            if s + span > line.length_m - 0.4:
                break
            middle = s + span / 2
            if house:
                setback = lot("setback_m", Uniform(0.0, 0.25))
                yield _stand(house, line, middle, sign_of(side) * (edge + setback), LOT_HEIGHT_M, side)
            else:
                yield from _garden(draw, f"{side}_garden_{k}", line, middle, edge, width, side)
            s, k = s + span + 0.02, k + 1


def _garden(
    draw: Draws, name: str, line: Centreline, s: float, edge: float, width: float, side: str
) -> Iterator[ConcreteItem]:
    hedge = draw.item(f"{name}_hedge", "hedge", params={"length_m": width - 0.6})
    yaw = float(line.heading(s))
    at = line.points(s, sign_of(side) * (edge + 0.5), LOT_HEIGHT_M)
    yield replace(
        hedge,
        position_m=(float(at[0]), float(at[1]), float(at[2])),
        quaternion_wxyz=(float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))),
    )
    for j, back in enumerate((4.5, 12.0)):
        tree = draw.item(f"{name}_tree_{j}", "tree")
        yield _stand(tree, line, s + (j - 0.5) * 2.0, sign_of(side) * (edge + back), LOT_HEIGHT_M, side)


def _vistas(draw: Draws, line: Centreline, section: CrossSection) -> Iterator[ConcreteItem]:
    """Rows of buildings across both ends, so that no view runs out of the town."""
    for end, s_m in (("near", -CROSS_STREET_M / 2), ("far", line.length_m + CROSS_STREET_M / 2)):
        across = line.crossing_at(s_m, 120.0)
        side = "left" if end == "near" else "right"
        lateral = sign_of(side) * (CROSS_STREET_M / 2 + KERB_WIDTH_M + section.pavement_m)
        t, k = 10.0, 0
        while t < 105.0:
            house = draw.item(f"{end}_building_{k}", "building")
            width = house.params["bays"] * house.params["bay_m"]
            yield _stand(house, across, t + width / 2, lateral, LOT_HEIGHT_M, side)
            t, k = t + width + 0.02, k + 1


def _planted(
    draw: Draws, line: Centreline, section: CrossSection, crossings: list[float], spacing_m: float
) -> Iterator[tuple[ConcreteItem, float]]:
    """Trees, lamps, benches, bins and bollards along both kerbs with their ``s``, clear of crossings and ends."""
    for side in SIDES:
        species = draw(f"{side}_species", Choice("lime", "plane", "maple", "birch", "cherry"))
        # Beside parked cars a crown may hang lower than over a lane, where lorries pass.
        lane_is_near = section.kerb_m(side) == section.half_lanes_m
        tree = {"species": species, "lift_m": 4.3 if lane_is_near else 2.5}
        start = 6.0 if side == "right" else 6.0 + _SLOT_M / 2
        for k, s in enumerate(np.arange(start, line.length_m - 6.0, _SLOT_M)):
            if any(abs(s - c) < 5.0 for c in crossings):
                continue
            item = _planted_in_slot(draw, f"{side}_{k}", k, spacing_m, tree)
            # All of them make room for the signs, which stand in the same row or a hand's breadth beside it.
            signs = [at for where, at, _ in _signs(line.length_m) if where == side]
            if any(abs(s - at) < 1.5 for at in signs):
                continue
            if item is not None:
                back = TREE_M if item.family == "tree" else FURNITURE_M
                at = sign_of(side) * (section.kerb_m(side) + back)
                yield _stand(item, line, float(s), at, KERB_HEIGHT_M, side), float(s)


def _planted_in_slot(
    draw: Draws, name: str, k: int, spacing_m: float, tree: dict[str, Any]
) -> ConcreteItem | None:
    every = max(1, round(spacing_m / _SLOT_M))
    if k % 5 == 2:
        return draw.item(f"{name}_lamp_post", "lamp_post")
    if k % every == 0:
        return draw.item(f"{name}_tree", "tree", params=tree)
    what = draw(
        f"{name}_kind", Choice("", "bench", "litter_bin", "bollard", weights=(0.55, 0.15, 0.15, 0.15))
    )
    return draw.item(f"{name}_{what}", what) if what else None


def _signs(end: float) -> tuple[tuple[str, float, str], ...]:
    """Side, ``s`` and face of every sign that has a place of its own."""
    return (
        ("right", end - 2.5, "stop"),
        ("left", 2.5, "give_way"),
        ("right", 14.0, "speed_50"),
        ("left", end - 14.0, "speed_50"),
        ("right", 0.29 * end, "parking"),
        ("left", 0.65 * end, "parking"),
        ("right", 0.75 * end, "no_stopping"),
        ("left", 0.22 * end, "priority"),
    )


def _posted(
    draw: Draws, line: Centreline, section: CrossSection, crossings: list[float]
) -> Iterator[ConcreteItem]:
    """Signs, each turned to the traffic it is for, bollards at crossings, and the street's name at its ends."""
    end = line.length_m
    for side, s, face in _signs(end):
        if all(abs(s - c) > 6.0 for c in crossings):
            yield _post(draw, line, section, s, side, face)
    for c in crossings:
        yield _post(draw, line, section, c - 2.8, "right", "crossing")
        yield _post(draw, line, section, c + 2.8, "left", "crossing")
        yield from _crossing_bollards(draw, line, section, c)
    text = draw("name", Choice(*STREET_NAMES))
    for side, s in (("right", 1.6), ("left", end - 1.6)):
        board = draw.item(f"{side}_street_name", "street_name", params={"text": text})
        yield _stand(board, line, s, sign_of(side) * (section.edge_m(side) - 0.15), KERB_HEIGHT_M, side)


def _crossing_bollards(
    draw: Draws, line: Centreline, section: CrossSection, s: float
) -> Iterator[ConcreteItem]:
    """They keep cars off the build-outs, and parked ones off the crossing."""
    for side in SIDES:
        at = sign_of(side) * (section.half_lanes_m + 0.45)
        for k, offset in enumerate((-3.6, -1.9, 1.9, 3.6)):
            bollard = draw.item(f"{side}_crossing_bollard_{k}", "bollard")
            yield _stand(bollard, line, s + offset, at, KERB_HEIGHT_M, side)


def _post(
    draw: Draws, line: Centreline, section: CrossSection, s: float, side: str, face: str
) -> ConcreteItem:
    """A sign at the kerb that faces the traffic on its own side."""
    sign = draw.item(f"{side}_sign_{face}", "traffic_sign", params={"face": face})
    inner = section.half_lanes_m if face == "crossing" else section.kerb_m(side)
    x, y, z = (float(v) for v in line.points(s, sign_of(side) * (inner + FURNITURE_M), KERB_HEIGHT_M))
    return replace(
        sign,
        position_m=(x, y, z),
        quaternion_wxyz=_turned(float(line.heading(s)) + (np.pi if side == "right" else 0.0)),
    )


def _turned(yaw: float) -> tuple[float, float, float, float]:
    return (float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2)))


def _surfaces(line: Centreline, section: CrossSection, crossings: list[float]) -> Iterator[Surface]:
    """The walkers' strips ("left", "right", and "crossing" over the zebra), and parking headed as its traffic is."""
    for c in crossings:
        edge, kerb = section.edge_m("right") - 1.0, section.half_lanes_m
        across = [-edge, -kerb - 0.1, -kerb + 0.1, kerb - 0.1, kerb + 0.1, section.edge_m("left") - 1.0]
        heights = [KERB_HEIGHT_M, KERB_HEIGHT_M, 0.0, 0.0, KERB_HEIGHT_M, KERB_HEIGHT_M]
        yield Strip("crossing", "pavement", "crossing", _tuples(line.points(c, across, heights)), 2.6)
    s = line.stations(1.0, line.length_m - 1.0, 5.0)
    for side in SIDES:
        kerb, back = section.kerb_m(side) + _CLEAR_M, section.edge_m(side) - 0.45
        path = line.points(s, sign_of(side) * (kerb + back) / 2, KERB_HEIGHT_M)
        yield Strip(f"{side}_pavement", "pavement", side, _tuples(path), back - kerb)
        parking = section.parking_left_m if side == "left" else section.parking_right_m
        if parking:
            bays = line.points(s, sign_of(side) * (section.half_lanes_m + parking / 2))
            yield Strip(
                f"{side}_parking", "parking", side, _tuples(bays if side == "right" else bays[::-1]), parking
            )


def _lanes(
    line: Centreline, section: CrossSection, limit_mps: float, crossings: list[float]
) -> Iterator[ConcreteLane]:
    """Even lanes go forward on the right, odd ones come back; from the kerbs inwards."""
    s = line.stations(0.0, line.length_m, 5.0)
    for lane_id in range(section.lanes):
        forward, inner = lane_id % 2 == 0, lane_id >= section.lanes - 2
        offset = (section.lanes // 2 - lane_id // 2 - 0.5) * section.lane_width_m
        centre = line.points(s, -offset if forward else offset)
        # Beside an arc, lengths are in the ratio of the radii.
        scale = 1.0 - line.curvature_per_m * (-offset if forward else offset)
        middles = sorted((c if forward else line.length_m - c) * scale for c in crossings)
        yield ConcreteLane(
            lane_id,
            _tuples(centre if forward else centre[::-1]),
            section.lane_width_m,
            limit_mps,
            left=None if inner else lane_id + 2,
            right=lane_id - 2 if lane_id >= 2 else None,
            opposing=lane_id ^ 1 if inner else None,
            crossings_m=tuple((m - ZEBRA_M / 2, m + ZEBRA_M / 2) for m in middles),
        )


def _tuples(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in points)
