"""Motion blur, rolling shutter and depth of field in Blender's pictures agree with closed forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from pairforge.errors import RenderError
from pairforge.frames import F64, Intrinsics, Pose, look_at
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import Instant, ShutterTimes, ThinLens, View
from pairforge.scenes.world import Material, Mesh, Part, Sky, World

F = 160.0
K = Intrinsics(160, 96, F, F, 80.0, 48.0)
AHEAD = look_at((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
DISTANCE_M = 4.0
SHEET, WALL = 1, 2


def panel(half_m: float, look: Material) -> Mesh:
    """An upright square across the x axis."""
    h = half_m
    corners = np.array([[0, -h, -h], [0, h, -h], [0, h, h], [0, -h, h]], dtype=np.float32)
    faces = np.array([[0, 2, 1], [0, 3, 2]], dtype=np.int32)
    return Mesh(corners, faces, np.zeros(2, np.uint8), (look,), np.zeros(2, np.bool_))


def sheet_at(y_m: float) -> Pose:
    """Where the black sheet is when its edge is at y = ``y_m``; it fills the left of the picture."""
    return Pose.of((DISTANCE_M, y_m + 20.0, 0.0))


BLACK, WHITE = (
    Material("black", (0.0, 0.0, 0.0), metallic=1.0, roughness=1.0),
    Material("white", (0.7, 0.7, 0.7)),
)
WORLD = World(
    (
        Part(SHEET, "sheet", 0, 0, panel(20.0, BLACK), sheet_at(0.0), True),
        Part(WALL, "wall", 0, 0, panel(300.0, WHITE), Pose.of((100.0, 0.0, 0.0)), True),
    ),
    (),
    (),
    Sky(sun_strength=0.0, cloudiness=1.0),
)
"""Before a white wall, a black sheet of which only the right edge shows, upright."""


def exposed(shutter: ShutterTimes, at: Callable[[float], tuple[Pose, Pose]], k: Intrinsics = K) -> View:
    """A view through a shutter; ``at`` gives the poses of camera and sheet at seconds from mid-exposure."""
    half = (shutter.exposure_s + shutter.readout_s * (1.0 - 1.0 / k.height_px)) / 2
    placed = {t: at(t) for t in np.linspace(-half, half, 9).tolist()}
    instants = tuple(Instant(t, camera, {SHEET: sheet}) for t, (camera, sheet) in placed.items())
    camera, sheet = at(0.0)
    return View(k, camera, {SHEET: sheet}, shutter, instants)


def gliding(exposure_s: float, readout_s: float, speed_mps: float) -> View:
    return exposed(ShutterTimes(exposure_s, readout_s), lambda t: (AHEAD, sheet_at(speed_mps * t)))


def row_times(readout_s: float) -> F64:
    return ((np.arange(K.height_px) + 0.5) / K.height_px - 0.5) * readout_s


@pytest.fixture(scope="module")
def renderer() -> Iterator[BlenderRenderer]:
    found = BlenderRenderer()
    found.open(WORLD, "standard")
    yield found
    found.close()


@pytest.fixture(scope="module")
def levels(renderer: BlenderRenderer) -> tuple[F64, F64]:
    """The renderer's response: pixel values, and the share of the wall's light at which they come; from an edge that
    moves 80 pixels in the exposure, so that light rises evenly across them, and nowhere else."""
    rgb = renderer.render(gliding(0.25, 0.0, 8.0)).astype(float).mean(axis=(0, 2))
    first, last = np.flatnonzero((rgb > rgb[0] + 4) & (rgb < rgb[-1] - 4))[[0, -1]]
    assert abs(first + 0.5 - 40.0) <= 2.0
    assert 105.0 < last + 0.5 < 121.0  # the tone curve is flat near white
    share = (np.arange(K.width_px) + 0.5 - 40.0) / 80.0
    return np.r_[rgb[0], rgb[40:120]], np.r_[0.0, share[40:120]]


def crossings(rgb: F64, levels: tuple[F64, F64], share: float) -> F64:
    """(H,) the column where each row's light passes that share of the wall's."""
    values, shares = levels
    level = np.interp(share, shares, values)
    seen = rgb.astype(float).mean(axis=2)
    k = (seen > level).argmax(axis=1)
    rows = np.arange(len(seen))
    low, high = seen[rows, k - 1], seen[rows, k]
    return k - 0.5 + (level - low) / (high - low)


def test_a_blurred_edge_is_as_long_as_its_way_in_the_exposure(
    renderer: BlenderRenderer, levels: tuple[F64, F64]
) -> None:
    rgb = renderer.render(gliding(0.1, 0.0, 6.0))
    length = F * 6.0 * 0.1 / DISTANCE_M  # 24 px about the middle
    for share in (0.1, 0.3, 0.5, 0.7):
        want = 80.0 + (share - 0.5) * length
        assert abs(np.median(crossings(rgb, levels, share)[4:-4]) - want) < 1.0, share


@pytest.mark.parametrize("exposure_s", [0.0, 0.02])
def test_a_moving_edge_slants_as_rows_are_read_one_after_another(
    renderer: BlenderRenderer, levels: tuple[F64, F64], exposure_s: float
) -> None:
    rgb = renderer.render(gliding(exposure_s, 0.1, 6.0))
    want = 80.0 - F * 6.0 * row_times(0.1) / DISTANCE_M  # from 92 px to 68
    error = (crossings(rgb, levels, 0.5) - want)[4:-4]  # the denoiser rounds corners off at the border
    assert np.abs(error).max() < 1.0
    assert np.abs(error.mean()) < 0.3


def test_cycles_own_ids_roll_to_a_fraction_of_a_pixel_and_of_a_row(renderer: BlenderRenderer) -> None:
    _, ids = cycles_passes(WORLD, gliding(0.03, 0.1, 36.0), renderer)  # 1.5 px a row
    error = (ids == SHEET).sum(axis=1) - (80.0 - F * 36.0 * row_times(0.1) / DISTANCE_M)
    assert np.abs(error).max() < 0.52
    assert np.abs(error.mean()) < 0.1


def test_a_turning_camera_rolls_by_the_tangent_of_its_turn(renderer: BlenderRenderer) -> None:
    def at(t: float) -> tuple[Pose, Pose]:
        return Pose.of(yaw=2.0 * t) @ AHEAD, sheet_at(0.0)

    _, ids = cycles_passes(WORLD, exposed(ShutterTimes(0.0, 0.1), at), renderer)
    want = 80.0 + F * np.tan(2.0 * row_times(0.1))
    assert np.abs((ids == SHEET).sum(axis=1) - want).max() < 0.55


def test_a_fisheye_rolls_too(renderer: BlenderRenderer) -> None:
    k = replace(K, model="kannala_brandt", distortion=(0.0, 0.0, 0.0, 0.0))
    view = exposed(ShutterTimes(0.0, 0.1), lambda t: (AHEAD, sheet_at(6.0 * t)), k)
    _, ids = cycles_passes(WORLD, view, renderer)
    middle = slice(40, 56)  # off the middle rows the straight edge is bent
    want = 80.0 - F * np.arctan(6.0 * row_times(0.1)[middle] / DISTANCE_M)
    assert np.abs((ids == SHEET).sum(axis=1)[middle] - want).max() < 0.6


def test_a_shutter_before_what_stands_still_changes_no_byte(renderer: BlenderRenderer) -> None:
    still = View(K, AHEAD, {SHEET: sheet_at(0.1)})
    exposed_still = exposed(ShutterTimes(0.03, 0.03), lambda t: (AHEAD, sheet_at(0.1)))
    np.testing.assert_array_equal(renderer.render(exposed_still), renderer.render(still))


def test_readout_of_what_moves_out_of_sight_changes_next_to_nothing(renderer: BlenderRenderer) -> None:
    """Cycles then knows the thing by another structure, in which light may round differently: one level at most."""
    away = exposed(ShutterTimes(0.0, 0.05), lambda t: (AHEAD, Pose.of((-50.0, 3.0 * t, 0.0))))
    one = renderer.render(away).astype(int)
    other = renderer.render(replace(away, shutter=None, instants=())).astype(int)
    assert np.abs(one - other).max() <= 1


def test_exposure_gives_the_same_bytes_alone_in_any_order_and_on_any_number_of_threads(
    renderer: BlenderRenderer,
) -> None:
    still, moving = View(K, AHEAD, {SHEET: sheet_at(0.1)}), gliding(0.02, 0.05, 6.0)
    lens = replace(still, lens=ThinLens(1.0, 2.0, 100.0))
    views = {"still": still, "moving": moving, "lens": lens, "both": replace(moving, lens=lens.lens)}
    first = {name: renderer.render(view) for name, view in views.items()}
    for name, view in reversed(views.items()):
        np.testing.assert_array_equal(renderer.render(view), first[name], name)
    alone = BlenderRenderer(threads=1)
    try:
        alone.open(WORLD, "standard")
        np.testing.assert_array_equal(alone.render(views["both"]), first["both"])
        np.testing.assert_array_equal(alone.render(moving), first["moving"])
    finally:
        alone.close()


@pytest.mark.parametrize("model", ["pinhole", "brown_conrady", "kannala_brandt"])
@pytest.mark.parametrize("focus_m", [2.0, 12.0])
def test_an_edge_out_of_focus_is_as_wide_as_the_thin_lens_says(
    renderer: BlenderRenderer, levels: tuple[F64, F64], model: str, focus_m: float
) -> None:
    k = K if model == "pinhole" else replace(K, model=model, distortion=(0.0,) * 4)
    lens = ThinLens(f_number=0.5, focus_m=focus_m, focal_length_mm=100.0)
    rgb = renderer.render(View(k, AHEAD, {SHEET: sheet_at(0.0)}, lens=lens))
    # Circle of confusion: aperture times |1/focus - 1/distance|, times pixels per unit of slope.
    circle_px = F * 0.2 * abs(1 / focus_m - 1 / DISTANCE_M)  # 8 and 5.3 px
    for share in (0.1, 0.3, 0.5, 0.7):
        want = 80.0 + circle_px / 2 * across_disc(share)
        found = crossings(rgb[40:56], levels, share).mean()
        assert abs(found - want) < 0.07 * circle_px + 0.2, (share, found, want)


def across_disc(share: float) -> float:
    """Where a line cuts that share of a disc of radius 1 off, from its middle."""
    x = np.linspace(-1.0, 1.0, 2001)
    return float(np.interp(share, 0.5 + (np.arcsin(x) + x * np.sqrt(1 - x * x)) / np.pi, x))


def test_what_is_in_focus_stays_sharp(renderer: BlenderRenderer, levels: tuple[F64, F64]) -> None:
    lens = ThinLens(f_number=0.5, focus_m=DISTANCE_M, focal_length_mm=100.0)
    rgb = renderer.render(View(K, AHEAD, {SHEET: sheet_at(0.0)}, lens=lens))
    low, high = (crossings(rgb, levels, share).mean() for share in (0.1, 0.7))
    assert abs(low - 80.0) < 0.8
    assert high - low < 1.2


def test_a_shutter_needs_instants(renderer: BlenderRenderer) -> None:
    with pytest.raises(RenderError, match="0 instants"):
        renderer.render(replace(gliding(0.1, 0.0, 1.0), instants=()))
    renderer.render(View(K, AHEAD, {}))
