"""What is on disk in shards: every array, with shape, dtype, unit and frame (``schema`` says it of tables).

This is the one place that says it. The store writes by it, the reader and the verifier check against it, and the
tables of docs/store.md are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pairforge.arrays import ArraySpec

CAMERA_ARRAYS: tuple[ArraySpec, ...] = (
    ArraySpec("rgb", "png", "uint8", ("H", "W", 3), "sRGB", "image", "the picture"),
    ArraySpec(
        "depth",
        "npy",
        "float32",
        ("H", "W"),
        "m",
        "camera",
        "z-depth at pixel centres, range of fisheyes and panoramas; inf: nothing hit",
    ),
    ArraySpec(
        "normal",
        "npy",
        "float16",
        ("H", "W", 3),
        "1",
        "camera",
        "geometric normal facing the camera; 0: nothing",
    ),
    ArraySpec("part", "png", "uint16", ("H", "W"), "id", "image", "part id; 0: nothing hit"),
    ArraySpec("instance", "png", "uint16", ("H", "W"), "id", "image", "instance id; 0: stuff or nothing"),
    ArraySpec(
        "semantic", "png", "uint8", ("H", "W"), "id", "image", "class id of scenes/taxonomy.py; 0: sky"
    ),
    ArraySpec(
        "flow",
        "npy",
        "float32",
        ("H", "W", 2),
        "px",
        "image",
        "(du, dv) of the point to time + flow_dt; nan: none",
    ),
)


def _lidar(name: str, dtype: str, unit: str, description: str) -> ArraySpec:
    """An optional array with one number a point."""
    return ArraySpec(name, "npy", dtype, ("N",), unit, "", description, optional=True)


LIDAR_ARRAYS: tuple[ArraySpec, ...] = (
    ArraySpec("points", "npy", "float32", ("N", 3), "m", "sensor when fired", "xyz as measured, with noise"),
    ArraySpec(
        "deskewed",
        "npy",
        "float32",
        ("N", 3),
        "m",
        "sensor at time_ns",
        "noise-free hits, carried by ego motion",
    ),
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each ray was fired"),
    ArraySpec("range_m", "npy", "float32", ("N",), "m", "sensor when fired", "measured Euclidean range"),
    ArraySpec(
        "intensity", "npy", "float32", ("N",), "1", "", "return strength, 0..1 (see docs/sensors/lidar.md)"
    ),
    ArraySpec("ring", "npy", "uint8", ("N",), "id", "", "beam, 0 the lowest"),
    ArraySpec(
        "instance",
        "npy",
        "uint16",
        ("N",),
        "id",
        "",
        "instance hit (of a ghost or blooming: that sent the light back); 0: stuff",
    ),
    ArraySpec("part", "npy", "uint16", ("N",), "id", "", "part hit; 0: the air"),
    ArraySpec("semantic", "npy", "uint8", ("N",), "id", "", "class hit; 0: the air"),
    ArraySpec(
        "kind",
        "npy",
        "uint8",
        ("N",),
        "id",
        "",
        "0: a surface; 1: the air (rain, snow, fog, dust); 2: a ghost, seen in a mirror; 3: blooming, stray light "
        "of a retro-reflector beside the beam; 4: a surface behind glass",
    ),
    _lidar("return_number", "uint8", "1", "place among its ray's reported returns, by range, from 1"),
    _lidar("returns_of_ray", "uint8", "1", "how many returns of its ray are reported"),
    _lidar(
        "incidence", "float32", "1", "cosine between ray and normal where the light turned back; 0: the air"
    ),
    _lidar("via", "uint16", "id", "part that is the mirror of a ghost, or the pane before it; 0: none"),
    _lidar("via_m", "float32", "m", "how far along the ray that mirror or pane is"),
    ArraySpec(
        "source",
        "npy",
        "float32",
        ("N", 3),
        "m",
        "sensor at time_ns",
        "where light truly turned back, carried by ego motion",
        True,
    ),
    _lidar("velocity_mps", "float32", "m/s", "radial velocity as measured; above 0: the distance grows"),
    _lidar("velocity_true_mps", "float32", "m/s", "the same without noise"),
)

ARRAYS: Mapping[str, tuple[ArraySpec, ...]] = {"camera": CAMERA_ARRAYS, "lidar": LIDAR_ARRAYS}
"""Of the sensors whose frames have a class of their own; see ``arrays_of`` for all."""


def arrays_of(kind: str) -> tuple[ArraySpec, ...]:
    """The arrays of a kind of sensor: those above, with the labels a camera may be asked for, or what its model
    declares. SpecError for an unknown kind."""
    from pairforge.sensors.camera_labels.protocol import label_arrays  # readers need few of them
    from pairforge.sensors.protocol import SENSORS

    if kind == "camera":
        return *CAMERA_ARRAYS, *label_arrays()
    return ARRAYS[kind] if kind in ARRAYS else SENSORS.load(kind).arrays


def all_arrays() -> dict[str, tuple[ArraySpec, ...]]:
    """Kind of sensor -> its arrays, for every registered one."""
    from pairforge.sensors.protocol import SENSORS

    return {kind: arrays_of(kind) for kind in (*ARRAYS, *(k for k in SENSORS.names() if k not in ARRAYS))}
