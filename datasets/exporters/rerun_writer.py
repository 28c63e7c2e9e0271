"""Writes one recording with rerun-sdk, in a Python that has it; it knows nothing of pairforge.

rerun_writer.py LOG.npz OUT.rrd: the log, as ``rerun.py`` packs it, is one JSON list of entries under "log" with
their arrays beside it. rerun-sdk 0.24 and later need numpy 2, and 0.23 drops quaternions: so it runs apart.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import rerun as rr


def main(log: str, out: str) -> None:
    with np.load(log, allow_pickle=False) as packed:
        entries = json.loads(bytes(packed["log"]))
        recording = rr.RecordingStream(
            entries["application"], recording_id=entries["recording"], send_properties=False
        )
        recording.save(out)
        recording.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        for entry in entries["rows"]:
            recording.set_time("clock", duration=np.timedelta64(entry["time_ns"], "ns"))
            given = {name: packed[key] for name, key in entry["arrays"].items()}
            recording.log(entry["path"], _made(entry["kind"], given, entry["said"]))
        recording.flush()


def _made(kind: str, a: dict[str, Any], said: dict[str, Any]) -> Any:
    if kind == "pose":
        return rr.Transform3D(translation=a["position"], quaternion=rr.Quaternion(xyzw=a["xyzw"]))
    if kind == "image":
        return rr.EncodedImage(contents=a["png"].tobytes(), media_type="image/png")
    if kind == "depth":
        return rr.DepthImage(a["depth"], meter=1.0)
    if kind == "mask":
        return rr.SegmentationImage(a["ids"])
    if kind == "pinhole":
        return rr.Pinhole(
            image_from_camera=a["matrix"], resolution=said["resolution"], camera_xyz=rr.ViewCoordinates.RDF
        )
    if kind == "points":
        return rr.Points3D(a["points"], colors=a.get("colours"), class_ids=a.get("ids"))
    if kind == "boxes3d":
        return rr.Boxes3D(
            centers=a["centres"], half_sizes=a["half_sizes"], quaternions=a["xyzw"], labels=said["labels"],
            class_ids=a["ids"], colors=a["colours"], show_labels=False,
        )  # fmt: skip
    if kind == "boxes2d":
        return rr.Boxes2D(
            array=a["boxes"], array_format=rr.Box2DFormat.XYXY, labels=said["labels"], class_ids=a["ids"],
            colors=a["colours"], show_labels=False,
        )  # fmt: skip
    if kind == "scalars":
        return rr.Scalars(a["values"])
    if kind == "text":
        return rr.TextLog(said["text"], level=rr.TextLogLevel.INFO)
    if kind == "place":
        return rr.GeoPoints(lat_lon=a["lat_lon"])
    raise SystemExit(f"there is no kind {kind}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
