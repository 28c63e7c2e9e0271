"""Whoever can write a plan, a quarantine or a .blend decides what is read, and never what is run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pairforge.assets.ingest import SUFFIXES
from pairforge.cli import main
from pairforge.datasets.manifest import read_manifest
from pairforge.errors import DatasetError, SpecError
from pairforge.farm import plan as plans
from pairforge.farm.planning import PlanRequest, make_plan
from pairforge.farm.work import Code, Order, work

FILE = Path(__file__).with_name("tiny_spec.py")


@pytest.fixture
def trap(tmp_path) -> Path:
    """A Python file that leaves a mark when anybody runs it."""
    path = tmp_path / "evil.py"
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').write('!')\n" + FILE.read_text())
    return path


@pytest.fixture
def root(tmp_path) -> Path:
    """A dataset with an honest plan, whose spec is a file that lies elsewhere."""
    request = PlanRequest(
        f"{FILE}:TINY", tmp_path / "d", 4, seed=7, renderer="raycast", quality="draft", measure=0
    )
    make_plan(request)
    return tmp_path / "d"


def spoil(root: Path, change: dict[str, Any]) -> None:
    """Change the plan as somebody with write access would."""
    path = root / plans.PLAN
    said = json.loads(path.read_text())
    for name, value in change.items():
        place, _, field = name.rpartition("/")
        (said[place] if place else said)[field] = value
    path.write_text(json.dumps(said))


HOSTILE: list[dict[str, Any]] = [
    {"identity/spec_source": "/tmp/evil.py:TINY"},
    {"identity/spec_source": "../evil.py:TINY"},
    {"identity/spec_source": "..\\evil.py:TINY"},
    {"identity/spec_source": "evil.py"},
    {"identity/spec_source": "evil.pyz"},
    {"identity/spec_source": "os.system:TINY"},
    {"identity/spec_source": "s3://bucket/evil.py:TINY"},
    {"identity/spec_source": "evil.py:TINY\n"},
    {"identity/spec_source": "evil.py:TINY; rm -rf ~"},
    {"identity/spec_source": ["evil.py:TINY"]},
    {"identity/spec_sha256": "*"},
    {"identity/scene": "../../tiny"},
    {"identity/scene": "tiny\x1b[2J"},
    {"identity/scene": "x" * 100},
    {"identity/renderer": "evil:Renderer"},
    {"identity/renderer": "os.system"},
    {"identity/quality": "__import__('os')"},
    {"identity/seed": 10**400},
    {"identity/overrides": {"captions": "evil.py:Tour"}},
    {"identity/overrides": {"ego.behaviour.policy.function": "os.path:join"}},
    {"identity/overrides": {"ego.behaviour.policy.function": "evil:steer"}},
    {"identity/overrides": {"setting.folder": "/etc"}},
    {"identity/overrides": {"setting.folder": "..\\x"}},
    {"identity/overrides": {"setting.folder": ".."}},
    {"identity/overrides": {"front.width_px": 96}},
    {"identity/overrides": {"front.width_px": "9\n6"}},
    {"identity/overrides": {"front.width_px": "9" * 2000}},
    {"identity/overrides": {"__class__/x": "1"}},
    {"identity/overrides": {f"a{i}": "1" for i in range(1001)}},
    {"identity/extra": 1},
    {"scenes": 10**12},
    {"scenes": 0},
    {"scenes": "4"},
    {"scenes": 4.0},
    {"scenes_per_job": 10**9},
    {"scenes_per_job": 0},
    {"only": [[0, 10**9]]},
    {"only": [[2, 1]]},
    {"only": [[-1, 1]]},
    {"only": [[0, 1], [1, 2]]},
    {"only": []},
    {"limits": {"seconds": -1.0, "memory_bytes": None, "tries": 3}},
    {"limits": {"seconds": "forever", "memory_bytes": None, "tries": 3}},
    {"limits": {"seconds": None, "memory_bytes": 1, "tries": 3}},
    {"limits": {"seconds": None, "memory_bytes": None, "tries": 10**6}},
    {"measured": {"__reduce__": "os.system"}},
    {"format": "pairforge-dataset"},
    {"format_version": 2},
    {"run": "rm -rf ~"},
]


@pytest.mark.parametrize(
    "change", HOSTILE, ids=lambda c: f"{next(iter(c))}={str(next(iter(c.values())))[:24]}"
)
def test_a_plan_that_says_more_than_a_plan_may_is_refused_unread(root, change):
    spoil(root, change)
    with pytest.raises(DatasetError, match="is refused as a plan") as refused:
        plans.read(root)
    said = str(refused.value)
    assert "\x1b" not in said
    assert len(said) < 700


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\x80\x04\x95\x00",  # a pickle
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"limits": {"seconds": NaN}}',
        b"\xff\xfe{}",
    ],
    ids=["empty", "list", "null", "pickle", "deep list", "deep object", "NaN", "UTF-16"],
)
def test_bytes_that_are_no_plan_are_refused(root, data):
    (root / plans.PLAN).write_bytes(data)
    with pytest.raises(DatasetError, match="is refused as a plan"):
        plans.read(root)


def test_a_plan_of_any_size_is_refused_before_it_is_read(root):
    with (root / plans.PLAN).open("wb") as file:
        file.truncate(1 << 40)  # a terabyte that takes no space
    with pytest.raises(DatasetError, match="a plan has at most"):
        plans.read(root)


def test_a_file_beside_the_plan_is_not_run_unless_its_user_names_it(root, trap, tmp_path):
    """A plan and a Python file may arrive together, in one archive or bucket: the plan's hash then proves nothing."""
    import hashlib

    (root / "evil.py").write_bytes(trap.read_bytes())
    evil = {"spec_source": "evil.py:TINY", "spec_sha256": hashlib.sha256(trap.read_bytes()).hexdigest()}
    spoil(root, {f"identity/{k}": v for k, v in evil.items()})
    said = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps({**said, "identity": {**said["identity"], **evil}}))
    with pytest.raises(SpecError, match=r"never runs code by itself: say where .* --spec path/evil\.py"):
        work(Order(root, 0))
    assert not (tmp_path / "ran").exists()


def test_a_named_file_with_another_hash_is_not_run(root, trap, tmp_path):
    with pytest.raises(SpecError, match="was not run"):
        work(Order(root, 0, str(trap)))
    assert not (tmp_path / "ran").exists()


def test_another_scene_of_the_named_file_is_not_made(root):
    with pytest.raises(SpecError, match=r'"TINY" of tiny_spec\.py, not "OTHER"'):
        work(Order(root, 0, f"{FILE}:OTHER"))


def test_a_plan_that_disagrees_with_its_dataset_is_refused(root):
    spoil(root, {"identity/seed": 8})
    with pytest.raises(DatasetError, match="seed was 7, now 8"):
        work(Order(root, 0, str(FILE)))


def test_a_plan_apart_from_its_dataset_is_refused(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "plan.json").write_bytes((root / "plan.json").read_bytes())
    with pytest.raises(DatasetError, match="no pairforge dataset"):
        work(Order(tmp_path / "elsewhere" / "plan.json", 0, str(FILE)))


def test_a_library_scene_whose_source_is_another_is_refused(tmp_path):
    out = tmp_path / "d"
    make_plan(PlanRequest("tabletop.drop", out, 1, renderer="raycast", quality="draft", measure=0))
    for name in ("plan.json", "dataset.json"):
        path = out / name
        sha256 = read_manifest(out).identity.spec_sha256
        path.write_text(path.read_text().replace(sha256, "0" * 64))
    with pytest.raises(DatasetError, match="not what it was when the plan was made"):
        work(Order(out, 0))


def test_settings_that_name_files_are_refused_when_the_plan_is_made(tmp_path):
    request = PlanRequest(f"{FILE}:TINY", tmp_path / "d", settings={"captions": "short"}, measure=0)
    for value in ("/etc/passwd", "evil.py:Tour", "module:Tour"):
        hostile = PlanRequest(**{**vars(request), "settings": {"captions": value}})
        with pytest.raises(SpecError, match="Put it into the spec"):
            make_plan(hostile)
    assert not (tmp_path / "d").exists()


def test_a_refused_plan_ends_the_command_with_bad_input_and_one_line(root, capsys):
    spoil(root, {"identity/scene": "../x"})
    with pytest.raises(SystemExit) as ended:
        main(["work", str(root), "--job", "0"])
    assert ended.value.code == Code.BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err


BLEND = """
import sys
from pathlib import Path
import bpy
from pairforge.renderers.blender_stage import Stage

folder, trusting = Path(sys.argv[1]), sys.argv[2] == "trusting"
mark, file = folder / "ran", str(folder / "evil.blend")
bpy.ops.wm.read_factory_settings(use_empty=True)
text = bpy.data.texts.new("evil.py")
text.write(f"open({str(mark)!r}, 'a').write('text ')")
text.use_module = True
thing = bpy.data.objects.new("thing", None)
bpy.context.scene.collection.objects.link(thing)
driver = thing.driver_add("location", 0).driver
driver.expression = f"len(__import__('builtins').open({str(mark)!r}, 'a').name)"
bpy.ops.wm.save_as_mainfile(filepath=file)
mark.unlink(missing_ok=True)
bpy.context.preferences.filepaths.use_scripts_auto_execute = True
if not trusting:
    stage = Stage(1)
    try:
        stage.open(None, None)
    except Exception:
        pass  # there is no world to build; by then Blender is as it is for every world
bpy.ops.wm.open_mainfile(filepath=file)
bpy.context.scene.frame_set(3)
print("RAN" if mark.exists() else "QUIET")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("how", "said"), [("as it is", "QUIET"), ("trusting", "RAN")])
def test_scripts_and_drivers_of_a_blend_file_do_not_run(tmp_path, how, said):
    """``trusting`` shows that this very file would run in a Blender that is set to trust files."""
    ended = subprocess.run([sys.executable, "-c", BLEND, str(tmp_path), how], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[-1] == said


def test_blend_files_are_no_assets():
    assert ".blend" not in SUFFIXES
