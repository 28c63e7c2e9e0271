from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.load import library_names, load_scene
from pairforge.scenes.overrides import overrides

SPEC = """from pairforge.scenes.distributions import Uniform
from pairforge.scenes.spec import Camera, Prop, Scene
X = Scene(name="x", props=[Prop(name="b", shape="box")],
          sensors=[Camera(name="front", look_at="b", distance_m=Uniform(1, 2))])
"""


def test_a_file_is_run_from_the_text_that_is_hashed_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(SPEC)
    loaded = load_scene(f"{file}:X")
    assert loaded.scene.name == "x"
    assert loaded.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]


def test_every_library_scene_loads_by_its_name() -> None:
    assert "driving.street" in library_names()
    assert load_scene("driving.street").scene.name == "driving.street"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("shape=", "shap=", ':3: Prop has no field "shap". Did you mean "shape"?'),
        (', shape="box"', "", ":3: Prop needs 'shape'"),
        ('"box"', "3", ':3: Prop "b": shape is 3; it must be text or a distribution of it'),
        ("Uniform(1, 2)", "Uniform(3, 2)", ":4: Uniform(low=3, high=2): low 3 is above high 2"),
        ("Uniform(1, 2)", '"far"', "distance_m is 'far'; it must be a number or a distribution of it"),
        ("Uniform(1, 2)", "Unifrm(1, 2)", ':4: "Unifrm" is not defined. Did you mean "Uniform"?'),
        ("name=", "", ":3: Scene takes its fields by name, as in Scene(name=…, setting=…)"),
        ("import Uniform", "import On", "Write: from pairforge.scenes.placement import On"),
        ("import Uniform", "import Unifrm", 'Did you mean "Uniform"?'),
        ("X =", "X = (", ":3:"),
        ("X =", "Y =", 'has no "X"'),
        ("X =", "X = 3; Y =", '"X" is no Scene but of type int'),
        ("X =", "1 / 0; X =", ":3: the spec raised ZeroDivisionError"),
        ("X =", "raise SystemExit; X =", "the spec raised SystemExit"),
    ],
)
def test_a_faulty_file_is_explained_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(SPEC.replace(old, new, 1) if old != "Uniform(1, 2)" else SPEC.replace(old, new))
    with pytest.raises(SpecError) as caught:
        load_scene(f"{file}:X")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("driving.stret", 'unknown scene "driving.stret". Did you mean "driving.street"?'),
        ("/nowhere/mine.py:X", 'there is no spec file "/nowhere/mine.py"'),
    ],
)
def test_an_unknown_scene_is_explained(spec: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_scene(spec)
    assert says in str(caught.value)


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    file = tmp_path / "mine.py"
    file.write_text(SPEC)
    return load_scene(f"{file}:X").scene


def test_overrides_read_text_as_the_field_holds_it(scene: Any) -> None:
    texts = {"duration_s": "2", "front.width_px": "320", "b.moves": "false", "front.look_at": "0,0,1"}
    changed = overrides(scene, texts)
    assert changed.duration_s == 2.0
    assert changed.sensors[0].width_px == 320
    assert changed.props[0].moves is False
    assert changed.sensors[0].look_at == (0.0, 0.0, 1.0)
    assert scene.sensors[0].width_px == 640


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("frnt.width_px", "320", 'the scene has no "frnt". Did you mean "front"?'),
        ("front.width", "320", 'Camera has no field "width". Did you mean "width_px"?'),
        ("front.width_px", "wide", "it must be a whole number"),
        ("b.size_m", "big", "it must be None or a number"),
        ("front.look_at", 3, "it must be text"),
    ],
)
def test_a_wrong_override_is_explained(scene: Any, name: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        overrides(scene, {name: value})
    assert says in str(caught.value)
