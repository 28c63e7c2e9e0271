"""Three hundred and more bad asset files, made from good tiny ones: cut, flipped, absurd, malicious."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import numpy as np
import trimesh

from pairforge.seeding import Stream

CUT, FLIPPED = 14, 30
"""Damaged copies of each good file."""

Folder = dict[str, bytes]
"""Names -> contents of the files of one case; the first is the one to add."""


def good() -> dict[str, bytes]:
    """One small sound file of each format."""
    solid = trimesh.creation.icosphere(subdivisions=1, radius=0.3)
    obj = "mtllib m.mtl\nusemtl red\n" + solid.export(file_type="obj")
    return {
        "a.obj": obj.encode(),
        "a.glb": solid.export(file_type="glb"),
        "a.stl": solid.export(file_type="stl"),
        "ascii.stl": solid.export(file_type="stl_ascii").encode(),
        "a.ply": solid.export(file_type="ply"),
        "a.gltf": gltf(solid),
        "a.urdf": URDF.encode(),
    }


def gltf(solid: trimesh.Trimesh) -> bytes:
    """A glTF with its buffer inside."""
    files = trimesh.exchange.gltf.export_gltf(trimesh.Scene(solid), merge_buffers=True, embed_buffers=True)
    return files["model.gltf"]


URDF = """<?xml version="1.0"?>
<robot name="thing">
  <material name="red"><color rgba="0.8 0.1 0.1 1"/></material>
  <link name="base"><inertial><mass value="2"/></inertial>
    <visual><geometry><box size="0.4 0.2 0.1"/></geometry><material name="red"/></visual></link>
  <link name="arm"><inertial><mass value="1"/></inertial>
    <visual><origin xyz="0 0 0.2" rpy="0 0.1 0"/>
    <geometry><cylinder radius="0.05" length="0.4"/></geometry></visual></link>
  <joint name="hinge" type="revolute"><parent link="base"/><child link="arm"/><origin xyz="0.1 0 0.05"/>
    <axis xyz="0 1 0"/><limit lower="-1" upper="1"/></joint>
</robot>
"""
LINK = '<link name="a"><visual><geometry>{}</geometry></visual></link>'


def damaged(stream: Stream) -> Iterator[tuple[str, Folder]]:
    """Good files cut short, and with a byte in a thousand changed. Some of these may still be read."""
    for name, content in good().items():
        for k in range(CUT):
            end = int((stream / "cut" / name / k).rng().integers(0, len(content)))
            yield f"cut-{k}-{name}", {name: content[:end]}
        for k in range(FLIPPED):
            rng = (stream / "flip" / name / k).rng()
            data = np.frombuffer(content, np.uint8).copy()
            where = rng.integers(0, len(data), size=max(1, len(data) // 1000))
            data[where] = rng.integers(0, 256, size=len(where))
            yield f"flip-{k}-{name}", {name: data.tobytes()}


def hopeless() -> Iterator[tuple[str, Folder]]:
    """Files that must be refused, every one."""
    for name in good():
        yield f"empty-{name}", {name: b""}
        yield f"zeros-{name}", {name: bytes(500)}
        yield f"text-{name}", {name: b"this is not a model\n" * 20}
    yield from _obj()
    yield from _stl()
    yield from _gltf()
    yield from _urdf()


def _obj() -> Iterator[tuple[str, Folder]]:
    triangle = "v 0 0 0\nv 1 0 0\nv 0 1 {}\nf 1 2 3\n"
    for number in ("nan", "inf", "-inf", "1e300", "1e12"):
        yield f"obj-{number}", {"a.obj": triangle.format(number).encode()}
    yield "obj-no-faces", {"a.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\n"}
    yield "obj-flat-faces", {"a.obj": b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n"}
    yield "obj-far-index", {"a.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 999999999\n"}
    yield "obj-huge-index", {"a.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99999999999999999999\n"}
    yield "obj-one-point", {"a.obj": b"v 1 1 1\nf 1 1 1\n"}
    yield "obj-tiny", {"a.obj": b"v 0 0 0\nv 1e-9 0 0\nv 0 1e-9 0\nf 1 2 3\n"}
    yield "obj-astronomic", {"a.obj": b"v 0 0 0\nv 9e8 0 0\nv 0 9e8 0\nf 1 2 3\n"}
    many = b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + b"f 1 2 3\n" * 500_001
    yield "obj-many", {"a.obj": many}


def _stl() -> Iterator[tuple[str, Folder]]:
    for count in (1, 2**20, 2**31, 2**32 - 1):
        yield f"stl-announces-{count}", {"a.stl": bytes(80) + struct.pack("<I", count)}
    corners = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, float("nan"), 0, 0)
    yield "stl-nan", {"a.stl": bytes(80) + struct.pack("<I", 1) + corners}
    yield (
        "ply-announces",
        {"a.ply": b"ply\nformat ascii 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n0\n"},
    )
    yield (
        "ply-binary-announces",
        {
            "a.ply": b"ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\n"
            b"element face 4000000000\nproperty list uchar int vertex_indices\nend_header\n0"
        },
    )


def _gltf() -> Iterator[tuple[str, Folder]]:
    tree = json.loads(good()["a.gltf"])

    def case(name: str, **changes: object) -> tuple[str, Folder]:
        return f"gltf-{name}", {"a.gltf": json.dumps({**tree, **changes}).encode()}

    huge = [{**a, "count": 2**40} for a in tree["accessors"]]
    yield case("huge-count", accessors=huge)
    bare = [{k: v for k, v in a.items() if k != "bufferView"} | {"count": 2**36} for a in tree["accessors"]]
    yield case("no-view", accessors=bare)
    yield case("negative", accessors=[{**a, "count": -3} for a in tree["accessors"]])
    yield case("circle", nodes=[{"children": [1]}, {"children": [0], "mesh": 0}], scenes=[{"nodes": [0]}])
    fan = [{"children": [k + 1, k + 1]} for k in range(40)] + [{"mesh": 0}]
    yield case("laughs", nodes=fan, scenes=[{"nodes": [0]}])
    yield case("no-child", nodes=[{"children": [7], "mesh": 0}])
    yield case("no-buffer", buffers=[{"uri": "gone.bin", "byteLength": 10}])
    yield case("outside", buffers=[{"uri": "../../secret.bin", "byteLength": 10}])
    yield case("etc", buffers=[{"uri": "/etc/passwd", "byteLength": 10}])
    yield case("network", buffers=[{"uri": "http://127.0.0.1:9/x.bin", "byteLength": 10}])
    yield case("types", accessors=[{**a, "componentType": 1} for a in tree["accessors"]])
    yield case("no-mesh", meshes=[])
    yield case("list", nodes="x")
    yield "gltf-array", {"a.gltf": b"[]"}
    yield "gltf-deep", {"a.gltf": b"[" * 100_000}
    glb = good()["a.glb"]
    for length in (2**31, 2**32 - 1, 0):
        yield f"glb-chunk-{length}", {"a.glb": glb[:12] + struct.pack("<I", length) + glb[16:]}


def _urdf() -> Iterator[tuple[str, Folder]]:
    def case(name: str, *bodies: str) -> tuple[str, Folder]:
        return f"urdf-{name}", {"a.urdf": f'<robot name="r">{"".join(bodies)}</robot>'.encode()}

    laughs = "".join(f'<!ENTITY l{k + 1} "{f"&l{k};" * 10}">' for k in range(12))
    doctype = f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>'
    yield "urdf-laughs", {"a.urdf": f'{doctype}<robot name="&l12;"/>'.encode()}
    yield "urdf-laughs-utf16", {"a.urdf": f'{doctype}<robot name="&l12;"/>'.encode("utf-16")}
    external = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><robot name="r">&x;</robot>'
    yield "urdf-external", {"a.urdf": external.encode()}
    yield "urdf-deep", {"a.urdf": b"<robot>" + b"<link>" * 20_000 + b"</link>" * 20_000 + b"</robot>"}
    yield "urdf-not-robot", {"a.urdf": b"<sdf/>"}
    yield case("nothing")
    yield case("no-visual", '<link name="a"/>')
    for name in (
        "../secret.obj",
        "/etc/passwd",
        "package://../../secret.stl",
        "file:///etc/hosts",
        "\\\\host\\x.stl",
    ):
        yield case(f"mesh-{name[:12]}", LINK.format(f'<mesh filename="{name}"/>'))
    yield case("mesh-gone", LINK.format('<mesh filename="gone.stl"/>'))
    yield case("mesh-empty", LINK.format('<mesh filename=""/>'))
    for size in ("1 1", "nan 1 1", "-1 1 1", "0 0 0", "1e99 1 1", "a b c", "", "1 1 1 1"):
        yield case(f"box-{size}", LINK.format(f'<box size="{size}"/>'))
    for radius in ("nan", "-1", "0", "inf", "x"):
        yield case(f"sphere-{radius}", LINK.format(f'<sphere radius="{radius}"/>'))
    yield case("unknown-geometry", LINK.format("<teapot/>"))
    yield case("two-roots", LINK.format('<box size="1 1 1"/>'), '<link name="b"/>')
    box = LINK.format('<box size="1 1 1"/>') + '<link name="b"/>'
    joint = '<joint name="j" type="{}"><parent link="{}"/><child link="{}"/>{}</joint>'
    yield case("circle", box, joint.format("fixed", "a", "b", ""), joint.format("fixed", "b", "a", ""))
    yield case("no-parent", box, joint.format("fixed", "z", "b", ""))
    yield case("twice", box, joint.format("fixed", "a", "b", "") * 2)
    yield case("no-axis", box, joint.format("revolute", "a", "b", '<axis xyz="0 0 0"/>'))
    limits = '<limit lower="2" upper="1"/>'
    yield case("limits", box, joint.format("revolute", "a", "b", limits))
    yield case("far", box, joint.format("fixed", "a", "b", '<origin xyz="1e30 0 0"/>'))
    links = "".join(f'<link name="l{k}"/>' for k in range(2000))
    yield case("many-links", box, links)
