"""Runs in the environment ``av2``: what Argoverse's own API makes of a split of the sensor dataset.

Arguments: the split's folder, a folder to write to. Writes LOG-STAMP.npz for every sweep and prints what there is of
each log.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from av2.datasets.sensor.av2_sensor_dataloader import AV2SensorDataLoader
from av2.datasets.sensor.constants import RingCameras
from av2.datasets.sensor.sensor_dataloader import SensorDataloader
from av2.map.map_api import ArgoverseStaticMap
from av2.structures.sweep import Sweep


def sweep_of(loader: AV2SensorDataLoader, log: str, stamp: int, out: Path) -> list[str]:
    """The sweep's points, pixels in every ring camera, and which points each cuboid holds."""
    sweep = Sweep.from_feather(loader.get_lidar_fpath(log, stamp))
    found = {
        "xyz": sweep.xyz,
        "intensity": sweep.intensity,
        "ring": sweep.laser_number,
        "offset": sweep.offset_ns,
    }
    for camera in RingCameras:
        path = loader.get_closest_img_fpath(log, camera.value, stamp)
        if path is None:
            continue
        uv, inside, valid = loader.project_ego_to_img_motion_compensated(
            sweep.xyz, camera.value, int(path.stem), stamp, log
        )
        found |= {f"uv_{camera.value}": uv, f"z_{camera.value}": inside[:, 2], f"valid_{camera.value}": valid}
    cuboids = loader.get_labels_at_lidar_timestamp(log, stamp).cuboids
    city = loader.get_city_SE3_ego(log, stamp)
    found["held"] = np.array([c.compute_interior_points(sweep.xyz)[1] for c in cuboids])
    found["centres"] = np.array([c.transform(city).xyz_center_m for c in cuboids])
    found["heading"] = np.array([c.transform(city).dst_SE3_object.rotation[:, 0] for c in cuboids])
    found["coloured"] = loader.get_colored_sweep(log, stamp)
    np.savez(out / f"{log}-{stamp}.npz", **found)
    rows = pd.read_feather(loader._data_dir / log / "annotations.feather")
    return [str(u) for u in rows[rows.timestamp_ns == stamp].track_uuid]


def map_of(loader: AV2SensorDataLoader, log: str) -> dict[str, object]:
    """Heights of the map under the ego less the ego's own, and how often the ego is on the drivable area."""
    city = ArgoverseStaticMap.from_map_dir(loader.get_log_map_dirpath(log), build_raster=True)
    track = pd.read_feather(loader._data_dir / log / "city_SE3_egovehicle.feather")
    ego = track[["tx_m", "ty_m", "tz_m"]].to_numpy()
    area = city.get_raster_layer_points_boolean(ego, layer_name="DRIVABLE_AREA")
    return {
        "lanes": sorted(city.vector_lane_segments),
        "above_ground_m": (ego[:, 2] - city.raster_ground_height_layer.get_ground_height_at_xy(ego)).tolist(),
        "on_area": float(np.mean(area)),
        "poses": len(track),
        "near": [s.id for s in city.get_nearby_lane_segments(ego[0, :2], 5.0)],
        "city": loader.get_city_name(log),
    }


if __name__ == "__main__":
    split, out = Path(sys.argv[1]), Path(sys.argv[2])
    loader = AV2SensorDataLoader(split, split)
    told = {}
    for log in loader.get_log_ids():
        stamps = loader.get_ordered_log_lidar_timestamps(log)
        tracks = {str(stamp): sweep_of(loader, log, stamp, out) for stamp in stamps}
        told[log] = {"tracks": tracks, **map_of(loader, log)}
    synchronized = SensorDataloader(split.parent, with_annotations=True, with_cache=False)
    told["cameras"] = [sorted(synchronized[k].synchronized_imagery) for k in range(synchronized.num_sweeps)]
    print(json.dumps(told))
