"""Rays come without the libraries that Open3D draws in browsers with, and its drawing is not lost by it."""

from __future__ import annotations

import subprocess
import sys

TRY = """
import sys
import pairforge.sensors.ray_engine
from pairforge.open3d import o3d
print(sorted({"dash", "plotly", "IPython"} & set(sys.modules)))
print(type(o3d.visualization.get_plotly_fig([o3d.geometry.TriangleMesh.create_box()])).__name__)
print("plotly" in sys.modules)
"""


def test_a_process_that_casts_rays_loads_no_browser_libraries_until_it_draws() -> None:
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[]", "Figure", "True"], done.stderr
