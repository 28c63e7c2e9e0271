"""Materials that are copied from one alike are what they would be if made from nothing, and most are copied."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPARE = """
from dataclasses import replace
import bpy
import numpy as np
from pairforge.renderers.blender_finish import FINISHES
from pairforge.renderers.blender_materials import MaterialShop
from pairforge.renderers.blender_repeat import Repeat
from pairforge.renderers.blender_textures import PATTERNS
from pairforge.scenes.world import Material, Sky

def plain(value):
    return value.name if hasattr(value, "name") else tuple(value) if hasattr(value, "__len__") else value

def told(made):
    def settings(node):
        known = (p for p in node.bl_rna.properties if not p.is_readonly and p.type != "COLLECTION")
        names = [p.identifier for p in known if p.identifier not in ("parent", "select")]
        return [(n, plain(getattr(node, n))) for n in names if "location" not in n]
    tree = made.node_tree
    values = [[plain(getattr(i, "default_value", None)) for i in n.inputs] for n in tree.nodes]
    nodes = [(n.bl_idname, settings(n), own) for n, own in zip(tree.nodes, values)]
    ends = (
        (link.from_node.name, link.from_socket.identifier, link.to_node.name, link.to_socket.identifier)
        for link in tree.links
    )
    return nodes, sorted(ends), made.cycles.emission_sampling

grey, names = (0.5, 0.4, 0.3), ("wall_a", "grass", "hill", "roof")
kinds = [Material(name, grey, pattern) for name in names for pattern in PATTERNS]
kinds += [Material("part", grey, pattern) for pattern in ("plain", "glass", *FINISHES)]
base = kinds[-len(FINISHES) - 2]
kinds += [replace(base, coat=0.5), replace(base, metallic=1.0), replace(base, transmission=0.9)]
kinds += [replace(base, lamp=lamp) for lamp in ("street", "window", "shop")]
kinds += [replace(base, emission_w_m2=glow) for glow in (1.0, 50.0)]
other = [replace(m, colour=(0.1, 0.7, 0.2), roughness=0.31, scale_m=0.7, ior=1.6) for m in kinds]
made = {"copies": 0}
finish = Repeat.finish
def counted(self):
    finish(self)
    made["copies"] += 1
Repeat.finish = counted
for sky in (Sky(), Sky(sun_elevation=-0.2, snow_cover=0.5, wetness=0.6, fog_per_m=0.02)):
    shop = MaterialShop(sky, np.full(3, 0.4))
    for material in kinds:
        shop.get(material)
    before = made["copies"]
    repeated = [told(shop.get(material)) for material in other]
    print("copied", made["copies"] - before, "of", len(other))
    for material, found in zip(other, repeated):
        alone = told(MaterialShop(sky, np.full(3, 0.4)).get(material))
        assert alone == found, (material, alone, found)
print("same")
"""


@pytest.mark.slow
def test_a_copied_material_has_every_node_link_and_number_of_one_made_from_nothing() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(
        [sys.executable, "-c", COMPARE],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert run.stdout.strip().endswith("same"), run.stdout[-2000:] + run.stderr[-2000:]
    copied = [line.split() for line in run.stdout.splitlines() if line.startswith("copied")]
    assert [word[1] for word in copied] == [word[3] for word in copied], "all of them were seen alike before"
