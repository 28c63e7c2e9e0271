"""Runs in the environment ``av2``: TrackEval's reading of KITTI's tracking labels.

Arguments: the folder of ground truth (with label_02 and the list of sequences) and that of trackers. Prints
tracker -> class -> [HOTA, MOTA, IDF1, objects].
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

import numpy as np
import trackeval

if __name__ == "__main__":
    quiet = {"PRINT_CONFIG": False}
    dataset = trackeval.datasets.Kitti2DBox(
        {**quiet, "GT_FOLDER": sys.argv[1], "TRACKERS_FOLDER": sys.argv[2]}
    )
    with contextlib.redirect_stdout(io.StringIO()):
        metrics = [
            trackeval.metrics.HOTA(),
            trackeval.metrics.CLEAR(quiet),
            trackeval.metrics.Identity(quiet),
        ]
        settings = {**quiet, "PRINT_RESULTS": False, "TIME_PROGRESS": False, "OUTPUT_SUMMARY": False,
                    "OUTPUT_DETAILED": False, "PLOT_CURVES": False, "OUTPUT_EMPTY_CLASSES": False}  # fmt: skip
        found, _ = trackeval.Evaluator(settings).evaluate([dataset], metrics)
    told = {
        tracker: {
            name: [
                float(np.mean(values["HOTA"]["HOTA"])),
                float(values["CLEAR"]["MOTA"]),
                float(values["Identity"]["IDF1"]),
                int(values["CLEAR"]["CLR_TP"] + values["CLEAR"]["CLR_FN"]),
            ]
            for name, values in of["COMBINED_SEQ"].items()
        }
        for tracker, of in found["Kitti2DBox"].items()
    }
    print(json.dumps(told))
