"""Bad input gets one clear message with its remedy, exit code 2, no traceback, and harms nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pairforge.__main__ import run
from pairforge.catalogue import CATALOGUE, catalogue
from pairforge.cli import main
from pairforge.sensors.protocol import SENSORS

TINY = f"{Path(__file__).parents[1] / 'farm' / 'tiny_spec.py'}:TINY"


@dataclass(frozen=True)
class Finished:
    returncode: int
    stdout: str
    stderr: str


def pairforge(*arguments: str) -> Finished:
    """The command in this process: what it prints, and the code it would exit with."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Finished(code, out.getvalue(), err.getvalue())


def refused(done: Finished, *words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    for word in words:
        assert word in said, f"{word!r} not in {said!r}"


def write(path: Path, text: str) -> str:
    head = "from pairforge.scenes.spec import *\nfrom pairforge.scenes.requirements import *\n"
    path.write_text(head + text)
    return f"{path}:SCENE"


def test_the_installed_command_prints_json_and_nothing_else():
    done = subprocess.run(
        [sys.executable, "-m", "pairforge", "list", "--json"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert {"driving.street", "tabletop.drop"} <= set(found["scenes"])
    assert {"blender", "blender-optix", "raycast"} <= set(found["renderers"])
    assert set(found["sensors"]) == set(SENSORS.names()) > {"camera", "lidar", "radar", "imu"}
    assert {"short", "dense", "driving"} <= set(found["captioners"])


@pytest.mark.parametrize("command", [["generate"], ["plan"], ["contrast"], ["gallery", "--seeds", "0"]])
def test_every_command_that_renders_takes_a_device_and_explains_a_misspelt_one(tmp_path, command):
    to = ["--out", str(tmp_path / "out"), "--device", "gpus"]
    refused(pairforge(command[0], TINY, *command[1:], *to), 'unknown device "gpus"', 'Did you mean "gpu"?')


def test_an_unknown_kind_of_list_is_refused():
    refused(pairforge("list", "scnes"), 'cannot list "scnes"', 'Did you mean "scenes"?')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["driving.stret"], ['"driving.stret"', 'Did you mean "driving.street"?']),
        (["nowhere.py:SCENE"], ["nowhere.py"]),
        ([TINY, "--renderer", "blendr"], ['unknown renderer "blendr"', 'Did you mean "blender"?']),
        ([TINY, "--quality", "hihg"], ['unknown quality "hihg"', 'Did you mean "high"?']),
        ([TINY, "--only", "x"], ['"x" is no list of scene numbers', "0,3 or 0-99"]),
        ([TINY, "--only", "1-3", "--scenes", "3"], ["--only names scene 3", "0 to 2"]),
        ([":SCENE"], ['":SCENE" names no file', "path/file.py:SCENE"]),
        ([TINY, "--only", "7", "--scenes", "2"], ["--only names scene 7", "0 to 1"]),
        ([TINY, "--scenes", "0"], ["--scenes must be at least 1"]),
        ([TINY, "--set", "duration_s"], ["not NAME=VALUE"]),
        ([TINY, "--set", "duraton_s=2"], ["duraton_s", 'Did you mean "duration_s"?']),
        ([TINY, "--set", "duration_s=soon"], ["duration_s", "soon"]),
    ],
)
def test_bad_requests_are_refused_and_leave_no_directory(tmp_path, arguments, words):
    out = tmp_path / "data"
    refused(pairforge("generate", *arguments, "--out", str(out)), *words)
    assert not out.exists()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("SCENE = Scene(name='x', sensrs=[])", ["sensrs", 'Did you mean "sensors"?']),
        ("SCENE = Scene(name='x', duration_s='long')", ["duration_s", "long"]),
        ("SCENE = Scene(name='x', props=[Prop(name='a', shape='bx')])", ['"bx"', 'Did you mean "box"?']),
        (
            "SCENE = Scene(name='x', props=[Prop(name='a', shape='box')], sensors=[Camera(name='c', look_at='aa')])",
            ['"aa"', 'Did you mean "a"?'],
        ),
        (
            "SCENE = Scene(name='x', props=[Prop(name='a', shape='box'), Prop(name='a', shape='box')])",
            ['"a"'],
        ),
        ("SCENE = 3", ["SCENE"]),
        ("SCEN = Scene(name='x')", ["SCENE"]),
        ("SCENE = Scene(name='x'", ["spec.py"]),
        ("raise RuntimeError('the author made a mistake')", ["spec.py", "the author made a mistake"]),
        (
            "SCENE = Scene(name='x', props=[Prop(name='a', shape='box')], max_redraws=3, "
            "require=[Holds(lambda scene: False, 'pigs fly')])",
            ["pigs fly", "3"],
        ),
    ],
)
def test_bad_specs_are_refused_with_their_remedy(tmp_path, spec, words):
    out = tmp_path / "data"
    reference = write(tmp_path / "spec.py", spec)
    refused(pairforge("generate", reference, "--out", str(out), "--renderer", "raycast"), *words)
    assert not out.exists()


def test_ctrl_c_says_how_to_go_on_and_is_no_traceback(monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pairforge.doctor.examine", stop)
    done = pairforge("doctor")
    assert (done.returncode, done.stderr) == (
        130,
        "interrupted; run the same command again to go on from here\n",
    )
    monkeypatch.setattr("pairforge.cli.main", stop)  # as while its modules are being imported
    with pytest.raises(SystemExit) as end:
        run()
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted before anything was begun\n")


def test_an_empty_place_is_not_the_folder_one_stands_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(pairforge("generate", TINY, "--out", "", "--renderer", "raycast"), "names no place")
    assert not list(tmp_path.iterdir())


def test_the_help_begins_with_what_one_needs_first_and_names_every_kind_of_list():
    said = pairforge("--help").stdout
    assert said.index(" generate ") < said.index(" show ") < said.index(" verify ") < said.index(" plan ")
    helped = " ".join(pairforge("list", "--help").stdout.replace("│", " ").split())
    assert all(kind in helped for kind in CATALOGUE)


def test_a_bare_list_is_short_and_names_colours_and_conditions_too():
    said = pairforge("list").stdout
    assert len(said.splitlines()) < 120
    assert {"red,", "rainy_night", "driving.street,", "velodyne_vlp_16"} <= set(said.split())


@pytest.mark.parametrize("columns", ["20", "300"])
def test_a_table_in_a_pipe_has_a_line_a_row_however_narrow_the_terminal_was(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    title, *rows = pairforge("list", "captioners").stdout.splitlines()
    assert title.strip() == "captioners"
    assert [row.split()[0] for row in rows] == list(catalogue("captioners")["captioners"])
    assert all(len(row.split()) > 3 for row in rows), "each says what it is"


def test_a_letter_that_the_terminal_lacks_is_spelt_out():
    said = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main(["list", "contrasts"])
    said.flush()
    assert b"\\u2026.when.seconds" in said.buffer.getvalue()


def test_a_directory_that_is_no_dataset_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years of work")
    refused(pairforge("generate", TINY, "--out", str(tmp_path)), "not empty", "--out")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_dataset_of_another_seed_is_left_alone(tmp_path):
    out = tmp_path / "data"
    first = ["generate", TINY, "--out", str(out), "--renderer", "raycast"]
    assert pairforge(*first, "--seed", "1").returncode == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    refused(pairforge(*first, "--seed", "2"), "seed was 1, now 2")
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


def test_a_directory_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    refused(pairforge("generate", TINY, "--out", str(tmp_path / "file" / "data")), str(tmp_path / "file"))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_leaves_what_was_there_and_says_so(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    try:
        arguments = ["generate", TINY, "--out", str(disk / "data"), "--scenes", "6", "--renderer", "raycast"]
        refused(pairforge(*arguments), "no space is left")
        assert not list((disk / "data").rglob(".staging/*"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("command", ["verify", "show"])
def test_commands_on_no_dataset_are_refused(tmp_path, command):
    refused(pairforge(command, str(tmp_path)), "no pairforge dataset", str(tmp_path))


def test_a_key_that_is_no_key_is_refused(tmp_path):
    assert pairforge("generate", TINY, "--out", str(tmp_path / "d"), "--renderer", "raycast").returncode == 0
    refused(pairforge("replay", str(tmp_path / "d"), "first"), '"first" is no key')
    refused(pairforge("replay", str(tmp_path / "d"), "000009-000000"), "scene 9")


def test_a_scene_that_reads_a_stored_dataset_prints_pure_json(tmp_path):
    out = str(tmp_path / "d")
    made = json.loads(pairforge("generate", TINY, "--out", out, "--renderer", "raycast", "--json").stdout)
    assert made["made"] == [0]
    report = json.loads(pairforge("verify", out, "--crosscheck", "0", "--json").stdout)
    assert report["findings"] == []


@pytest.mark.parametrize("arguments", [("generate", TINY, "--out"), ("verify",), ("replay", "--json")])
def test_a_url_is_not_taken_for_a_folder_of_that_name(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    key = ("000000-000000",) if arguments[0] == "replay" else ()
    refused(pairforge(*arguments, "s4://bucket/data", *key), 'there is no store "s4://"')
    assert not list(tmp_path.iterdir())
