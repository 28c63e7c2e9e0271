"""Run in the environment ``rerun``: its own reader gives a recording's columns, without clocks of the machine.

rerun_reader.py FILE.rrd OUT.npz: arrays "ENTITY|COMPONENT|TIME_NS"; prints a hash of all of them as JSON.
"""

import hashlib
import json
import sys

import numpy as np
import rerun as rr


def main(path: str, out: str) -> None:
    recording = rr.dataframe.load_recording(path)
    found: dict[str, np.ndarray] = {}
    for column in recording.schema().component_columns():
        if column.is_static:
            continue
        view = recording.view(index="clock", contents=column.entity_path)
        table = view.select("clock", column).read_all()
        for time, value in zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True):
            if value is not None:
                t = time.value if hasattr(time, "value") else int(np.timedelta64(time, "ns").astype(np.int64))
                found[f"{column.entity_path}|{column.component}|{t}"] = np.asarray(value)
    digest = hashlib.sha256()
    for key in sorted(found):
        digest.update(f"{key} {found[key].dtype} {json.dumps(found[key].tolist())}".encode())
    np.savez(out, **{k: v for k, v in found.items() if v.dtype.kind in "biuf"})
    print(json.dumps({"hash": digest.hexdigest(), "count": len(found)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
