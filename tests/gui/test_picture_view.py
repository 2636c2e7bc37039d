"""What the window shows, pixel by pixel: the render, in its place, in the colours of the screen."""

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QColorSpace, QFocusEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from retexture.document.document import Source, find
from retexture.document.edits import delete_layer, insert_layer, replace_layer, set_parameter
from retexture.document.layers import BlendIf, FillLayer, Range, Sliders, smart
from retexture.document.pixels import Pixels
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.gui.app import make_application
from retexture.gui.canvas import Canvas
from retexture.gui.picture_painting import CHECKS
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.workspace import Workspace
from retexture.render.cache import Cache
from retexture.render.render import render
from retexture.session import pictures
from retexture.session.brush import Brush
from retexture.session.drawing import Picture, draw
from retexture.session.painting import painted
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from retexture.session.strokes import Stroke
from retexture.session.view import Point, Size, View
from tests.gui.stage import expected, make_canvas, pixels, set_view, settle, shot
from tests.session.bench import area_average, make_document

WIDTH, HEIGHT = 403, 277
DOCUMENT = make_document(WIDTH, HEIGHT)
LABELLED = np.s_[40:]
"""Rows under the names of pictures."""


def assert_shows(canvas, document) -> None:
    wanted = expected(canvas, document)
    got = shot(canvas)
    assert got.shape == wanted.shape
    assert np.array_equal(got, wanted)


# -- zoom


@pytest.mark.parametrize("size", [(300, 200), (301, 199), (500, 320)])
def test_at_100_percent_the_window_shows_the_bytes_of_the_render(qtbot, workspace, size):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, size)
    assert_shows(canvas, DOCUMENT)
    if size[0] > WIDTH:
        assert (shot(canvas)[0, 0] == (canvas.surround.blue(),) * 3).all(), "around it is grey"


@pytest.mark.parametrize("zoom", [2, 4, 7])
def test_beyond_100_percent_each_pixel_is_a_block(qtbot, workspace, zoom):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, zoom=zoom)
    assert_shows(canvas, DOCUMENT)
    set_view(canvas, centre=Point(3.3, 270.2))
    assert_shows(canvas, DOCUMENT)


@pytest.mark.slow
@pytest.mark.parametrize("zoom", [8, 16, 32])
def test_from_800_percent_on_there_is_a_grid_between_pixels(qtbot, workspace, zoom):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, zoom=zoom)
    wanted, got = expected(canvas, DOCUMENT), shot(canvas)
    origin = canvas.view.origin(canvas.pane_size())
    rows, columns = ((np.arange(n) - int(o)) % zoom for n, o in ((200, origin.y), (300, origin.x)))
    inner = ((rows > 0) & (rows < zoom - 1))[:, None] & ((columns > 0) & (columns < zoom - 1))
    assert np.array_equal(got[inner], wanted[inner])
    on_line = (rows == 0)[:, None] | (columns == 0)
    assert (got[on_line] != wanted[on_line]).any(-1).mean() > 0.9


@pytest.mark.parametrize("zoom", [0.5, 0.33, 0.9])
def test_below_100_percent_the_window_shows_the_area_average(qtbot, workspace, zoom):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, (450, 300), zoom)
    width, height = int(WIDTH * zoom), int(HEIGHT * zoom)
    wanted = area_average(render(DOCUMENT, form="bgra"), width, height)[..., :3]
    x, y = (int(v) for v in canvas.view.origin(canvas.pane_size()))
    got = shot(canvas)
    error = np.abs(got[y : y + height, x : x + width] - wanted)
    assert error.max() <= 1
    assert np.percentile(error, 99) <= 0.51
    outside = np.ones(got.shape[:2], bool)
    outside[y : y + height, x : x + width] = False
    assert (got[outside] == canvas.surround.blue()).all()


def test_fitting_shows_all_of_it_and_goes_on_to_when_the_window_changes(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    canvas.fit()
    assert canvas.view.zoom == pytest.approx(min(300 / WIDTH, 200 / HEIGHT))
    canvas.resize(200, 250)
    settle(canvas)
    assert canvas.view.zoom == pytest.approx(200 / WIDTH)
    got = shot(canvas)
    assert (got[0] == canvas.surround.blue()).all()
    assert (got[125] != canvas.surround.blue()).any(-1).mean() > 0.97
    canvas.zoom_step(1)
    canvas.resize(300, 250)
    assert canvas.view.zoom == 0.5


def test_zoom_steps_and_the_signal_for_the_navigator(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    told = []
    canvas.view_changed.connect(lambda view, size: told.append((view, size)))
    canvas.zoom_step(1)
    canvas.zoom_step(-1)
    canvas.zoom_step(-1)
    assert [view.zoom for view, _ in told] == [2, 1, 0.6667]
    assert {tuple(size) for _, size in told} == {(300, 200)}
    canvas.flip_view()
    canvas.reset_view()
    assert told[-1][0].upright
    assert told[-1][0].zoom == pytest.approx(min(300 / WIDTH, 200 / HEIGHT))


# -- turned and flipped


@pytest.mark.parametrize(
    ("turned", "change"),
    [
        (90, lambda a: np.rot90(a, -1)),
        (180, lambda a: np.rot90(a, 2)),
        (270, lambda a: np.rot90(a, 1)),
    ],
)
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("zoom", [1, 3])
def test_quarter_turns_and_flips_show_the_same_pixels(qtbot, workspace, turned, change, flipped, zoom):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, (240, 240), zoom)
    upright = shot(canvas)
    set_view(canvas, flipped=flipped)
    mirrored = upright[:, ::-1] if flipped else upright
    assert np.array_equal(shot(canvas), mirrored)
    set_view(canvas, angle_deg=float(turned))
    assert np.array_equal(shot(canvas), change(mirrored))


def smooth_document():
    """A picture in which each place has a colour of its own, and neighbours are alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([x / WIDTH, y / HEIGHT, (x + y) / (WIDTH + HEIGHT)]) * 65535
    source = Source("picture", "Picture", Pixels(planes.astype(np.uint16)))
    return msgspec.structs.replace(DOCUMENT, layers=DOCUMENT.layers[:1], sources=(source,))


@pytest.mark.parametrize("angle", [0.0, 15.0, 201.0])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("zoom", [0.6, 1.0, 2.5])
def test_what_is_shown_at_a_place_is_what_the_view_says_lies_there(qtbot, workspace, angle, flipped, zoom):
    document = smooth_document()
    canvas = make_canvas(qtbot, workspace, document, (301, 200), zoom)
    set_view(canvas, angle_deg=angle, flipped=flipped)
    got = shot(canvas).astype(int)
    full = render(document, form="bgra")[..., :3].astype(int)
    seen = 0
    for x in range(4, 301, 13):
        for y in range(4, 200, 11):
            point = canvas.picture_point(x + 0.5, y + 0.5)
            if 3 < point.x < WIDTH - 4 and 3 < point.y < HEIGHT - 4:
                seen += 1
                assert np.abs(got[y, x] - full[int(point.y), int(point.x)]).max() <= 3
    assert seen > 100


# -- before and after


BEFORE = pictures.source_picture(DOCUMENT, "picture")


def test_hold_c_shows_the_picture_before_and_back(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    assert canvas.look.before == "picture"
    QTest.keyPress(canvas, Qt.Key.Key_C)
    assert canvas.holds_before
    settle(canvas)
    assert np.array_equal(shot(canvas)[LABELLED], expected(canvas, BEFORE)[LABELLED])
    assert not np.array_equal(shot(canvas)[:40], expected(canvas, BEFORE)[:40]), "it is named"
    QTest.keyRelease(canvas, Qt.Key.Key_C)
    settle(canvas)
    assert_shows(canvas, DOCUMENT)
    # The focus that goes takes the held key with it.
    QTest.keyPress(canvas, Qt.Key.Key_C)
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    settle(canvas)
    assert_shows(canvas, DOCUMENT)


def halves(canvas, mode, got):
    """Return the two panes of a shot, and check the gap between them."""
    if mode == "stack":
        got = got.transpose(1, 0, 2)
    half = (got.shape[1] - 2) // 2
    gap = got[:, half : got.shape[1] - half]
    assert (gap == canvas.surround.blue()).all()
    parts = got[:, :half], got[:, got.shape[1] - half :]
    return [p.transpose(1, 0, 2) for p in parts] if mode == "stack" else list(parts)


@pytest.mark.parametrize("mode", ["side", "stack"])
@pytest.mark.parametrize("size", [(300, 200), (301, 203)])
def test_two_panes_show_before_and_after_at_the_same_place(qtbot, workspace, mode, size):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, size)
    canvas.set_look(mode=mode)
    for change in ({}, {"centre": Point(80, 99.5)}, {"zoom": 4.0}, {"zoom": 1.0}):
        set_view(canvas, **change)
        before, after = halves(canvas, mode, shot(canvas))
        assert before.shape[1::-1] == tuple(canvas.pane_size())
        assert np.array_equal(before[LABELLED], expected(canvas, BEFORE)[LABELLED])
        assert np.array_equal(after[LABELLED], expected(canvas, DOCUMENT)[LABELLED])
    canvas.set_look(mode="single")
    settle(canvas)
    assert_shows(canvas, DOCUMENT)


def test_panes_can_be_swapped_and_show_snapshots(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    session.snapshot("first")
    session.set("texture.opacity", 0.1, "Opacity")
    canvas.set_look(mode="side", before="snapshot:first", after="result")
    settle(canvas)
    left, right = halves(canvas, "side", shot(canvas))
    assert np.array_equal(left[LABELLED], expected(canvas, DOCUMENT)[LABELLED])
    assert np.array_equal(right[LABELLED], expected(canvas, session.document)[LABELLED])
    canvas.set_look(before=canvas.look.after, after=canvas.look.before)
    settle(canvas)
    assert np.array_equal(halves(canvas, "side", shot(canvas))[1], right) is False
    swapped = halves(canvas, "side", shot(canvas))
    assert np.array_equal(swapped[0][LABELLED], right[LABELLED])
    assert np.array_equal(swapped[1][LABELLED], left[LABELLED])


def test_a_snapshot_that_is_taken_again_or_forgotten_is_not_shown_any_more(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    session.set("texture.opacity", 0.1, "Opacity")
    session.snapshot("kept")
    session.set("texture.opacity", 0.9, "Opacity")
    canvas.set_look(mode="side", before="snapshot:kept")
    settle(canvas)
    session.snapshot("kept")
    settle(canvas)
    left, right = halves(canvas, "side", shot(canvas))
    assert np.array_equal(left[LABELLED], right[LABELLED])
    session.forget("kept")
    settle(canvas)
    left, _ = halves(canvas, "side", shot(canvas))
    assert np.array_equal(left[LABELLED], expected(canvas, BEFORE)[LABELLED])
    assert canvas.look.before == "picture"


@pytest.mark.parametrize("part", [0.0, 0.3, 1.0])
def test_the_split_line_has_before_on_its_left(qtbot, workspace, part):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    canvas.set_look(mode="wipe", wipe=part)
    settle(canvas)
    got, x = shot(canvas), round(300 * part)
    before, after = expected(canvas, BEFORE), expected(canvas, DOCUMENT)
    # Beside the line; its handle is in the middle of the height.
    rows = np.r_[40:80, 120:200]
    left, right = np.s_[: max(x - 3, 0)], np.s_[x + 3 :]
    assert np.array_equal(got[rows][:, left], before[rows][:, left])
    assert np.array_equal(got[rows][:, right], after[rows][:, right])


def test_an_edit_shows_in_the_pane_of_the_result_alone(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    canvas.set_look(mode="side")
    settle(canvas)
    workspace.session.set("texture.opacity", 0.05, "Opacity")
    settle(canvas)
    before, after = halves(canvas, "side", shot(canvas))
    assert np.array_equal(before[LABELLED], expected(canvas, BEFORE)[LABELLED])
    assert np.array_equal(after[LABELLED], expected(canvas, workspace.session.document)[LABELLED])


# -- it follows the document


def test_edits_gestures_undo_and_redo_are_shown(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    gesture = session.begin("Opacity")
    for opacity in (0.9, 0.3, 0.7):
        gesture.set("texture.opacity", opacity)
        settle(canvas)
        assert_shows(canvas, session.document)
    gesture.cancel()
    settle(canvas)
    assert_shows(canvas, DOCUMENT)
    session.set("texture.opacity", 0.2, "Opacity")
    session.edit("Delete", lambda d: delete_layer(d, "paint"))
    settle(canvas)
    assert_shows(canvas, session.document)
    for step in (session.undo, session.undo, session.redo, lambda: session.jump(2)):
        step()
        settle(canvas)
        assert_shows(canvas, session.document)


def test_another_document_in_front_is_shown_and_each_keeps_its_view(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    first = workspace.session
    view = canvas.view
    other = Session(make_document(257, 300), title="other")
    workspace.add(other)
    settle(canvas)
    assert canvas.view.centre == Point(128.5, 150), "fitted"
    canvas.set_view(View(zoom=2.0, centre=Point(100, 100)))
    canvas.set_look(mode="side")
    workspace.activate(first)
    settle(canvas)
    assert (canvas.view, canvas.look.mode) == (view, "single")
    assert_shows(canvas, DOCUMENT)
    workspace.activate(other)
    assert (canvas.view.zoom, canvas.look.mode) == (2, "side")
    # What is changed behind it is not shown.
    first.set("texture.opacity", 0.1, "Opacity")
    settle(canvas)
    workspace.remove(other)
    settle(canvas)
    assert_shows(canvas, first.document)
    workspace.remove(first)
    assert (shot(canvas) == canvas.surround.blue()).all()
    assert not canvas.isEnabled()
    assert canvas.settled


def test_the_surround_can_be_another(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT, (500, 320))
    canvas.surround = QColor("white")
    canvas.update()
    assert_shows(canvas, DOCUMENT)
    assert (shot(canvas)[0, 0] == 255).all()


def test_transparency_is_a_checkerboard(qtbot, workspace):
    alpha = np.full((HEIGHT, WIDTH), 65535, np.uint16)
    alpha[:, 200:] = 0
    source = msgspec.structs.replace(DOCUMENT.sources[0], alpha=Pixels(alpha))
    document = msgspec.structs.replace(DOCUMENT, sources=(source,), layers=DOCUMENT.layers[:1])
    canvas = make_canvas(qtbot, workspace, document)
    got = shot(canvas)
    edge = 200 - round(WIDTH // 2 - 150)
    assert np.array_equal(got[:, :edge], expected(canvas, document)[:, :edge])
    greys = sorted({tuple(p) for p in got[:, edge:].reshape(-1, 3).tolist()})
    assert greys == sorted((c.blue(), c.green(), c.red()) for c in CHECKS)
    counts = [(got[:, edge:] == g[0]).all(-1).mean() for g in greys]
    assert counts == pytest.approx([0.5, 0.5], abs=0.05)


# -- overlays


def test_overlays_are_shown_and_follow_strokes(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    session.select("texture", "mask")
    looks: list[tuple[dict[str, Any], Any]] = [
        ({"rubylith": True}, lambda d: pictures.with_rubylith(d, "texture")),
        ({"rubylith": False, "mask_of": ("texture", None)}, lambda d: pictures.mask_picture(d, "texture")),
        (
            {"mask_of": None, "filter": ("texture", "high_pass")},
            lambda d: pictures.filter_picture(d, "texture", "high_pass"),
        ),
    ]
    for changes, picture in looks:
        canvas.set_look(**changes)
        settle(canvas)
        assert_shows(canvas, picture(session.document))
        assert canvas.displayed() == picture(session.document)
        paint_live(session, [(150, 100), (260, 180)])
        settle(canvas)
        assert_shows(canvas, picture(session.document))
        session.undo()
        settle(canvas)
        assert_shows(canvas, picture(session.document))
    canvas.set_look(filter=None)
    settle(canvas)
    assert_shows(canvas, session.document)


def paint_live(session, way, mask=True):
    """Paint a stroke as a tool does, told in its drafts."""
    layer = session.active_layer
    tiles = layer.mask.painted.tiles if mask else layer.tiles
    stroke = Stroke(tiles, Brush(size_px=40, hardness=0.5), (0.0,) if mask else (1.0, 0.2, 0.0))
    gesture = session.begin("Stroke")
    for i, place in enumerate(way):
        dirty = stroke.move(*place) if i else stroke.begin(*place)
        gesture.update(
            painted(gesture.document, session.active, "mask" if mask else "layer", stroke.tiles), dirty
        )
    gesture.commit()


def test_a_mask_that_is_off_is_shown_and_follows_strokes(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, set_parameter(DOCUMENT, "texture.visible", False))
    session = workspace.session
    session.select("texture", "mask")
    canvas.set_look(mask_of=("texture", None))
    settle(canvas)
    paint_live(session, [(150, 100), (260, 180)])
    settle(canvas)
    assert_shows(canvas, pictures.mask_picture(session.document, "texture"))


def test_a_filter_of_an_invisible_layer_follows_what_it_reads(qtbot, workspace):
    """Where it changes is not where the result does."""
    filters = smart(ApplyImage(source="paint", blending="normal", invert=False), GaussianBlur(radius_px=6))
    reader = FillLayer(key="reader", name="", visible=False, filters=filters)
    document = insert_layer(DOCUMENT, reader)
    canvas = make_canvas(qtbot, workspace, document)
    session = workspace.session
    canvas.set_look(filter=("reader", "gaussian_blur"))
    settle(canvas)
    session.select("paint")
    paint_live(session, [(150, 100), (260, 180)], mask=False)
    settle(canvas)
    assert_shows(canvas, pictures.filter_picture(session.document, "reader", "gaussian_blur"))


def test_what_blend_if_hides_is_tinted(qtbot, workspace):
    judged = BlendIf(underlying=Sliders(gray=Range(60, 120, 255, 255)))
    layer = msgspec.structs.replace(find(DOCUMENT, "texture"), blend_if=judged)
    document = replace_layer(DOCUMENT, "texture", layer)
    canvas = make_canvas(qtbot, workspace, document)
    canvas.set_look(hidden_of="texture")
    settle(canvas)
    region = canvas.panes()[0].viewport.region
    wanted = draw(Picture(document, "texture"), 1.0, region, exact=True, cache=Cache(1 << 26))[..., :3]
    assert np.array_equal(shot(canvas), wanted)
    assert not np.array_equal(wanted, expected(canvas, document))


def test_an_overlay_goes_with_its_layer(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    told = []
    canvas.look_changed.connect(lambda: told.append(canvas.look))
    canvas.set_look(mask_of=("texture", None))
    workspace.session.edit("Delete", lambda d: delete_layer(d, "texture"))
    settle(canvas)
    assert canvas.look.plain
    assert len(told) == 2
    assert_shows(canvas, workspace.session.document)


# -- colours


def adobe_document():
    icc = QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data()
    return msgspec.structs.replace(DOCUMENT, icc=icc)


def in_srgb(document):
    """Return (H, W, 4) BGRA of a document in the screen's colours, by Qt's own conversion of all of it."""
    bgra = render(document, form="bgra")
    image = QImage(
        bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_RGB32
    ).copy()
    source = QColorSpace.fromIccProfile(document.icc)
    image.applyColorTransform(
        source.transformationToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    )
    return pixels(image)


def visible(canvas, full):
    x, y = (int(v) for v in canvas.view.origin(canvas.pane_size()))
    width, height = (int(v) for v in canvas.pane_size())
    return full[-y : height - y, -x : width - x].astype(int)


def test_colours_are_converted_for_the_screen_also_in_part(qtbot, workspace):
    document = adobe_document()
    canvas = make_canvas(qtbot, workspace, document)
    session = workspace.session
    wanted = visible(canvas, in_srgb(document))
    assert np.abs(shot(canvas) - wanted).max() <= 2
    plain = visible(canvas, render(document, form="bgra")[..., :3])
    assert np.abs(plain - wanted).max() > 10, "the profile matters"
    # A stroke converts no more than what it has changed.
    session.select("paint")
    before = shot(canvas)
    paint_live(session, [(150, 100), (180, 120)], mask=False)
    settle(canvas)
    assert np.abs(shot(canvas) - visible(canvas, in_srgb(session.document))).max() <= 2
    assert 0.005 < (shot(canvas) != before).any(-1).mean() < 0.2
    session.undo()
    settle(canvas)
    assert np.array_equal(shot(canvas), before)
    for centre in (Point(190, 130), Point(230, 150)):
        set_view(canvas, centre=centre)
        assert np.abs(shot(canvas) - visible(canvas, in_srgb(document))).max() <= 2


def test_another_profile_of_the_screen_is_taken_at_once(qtbot, workspace, tmp_path):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    path = tmp_path / "screen.icc"
    path.write_bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())
    canvas.screen_profile.choose(path)
    settle(canvas)
    bgra = render(DOCUMENT, form="bgra")
    image = QImage(bgra.data, WIDTH, HEIGHT, bgra.strides[0], QImage.Format.Format_RGB32).copy()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    image.applyColorTransform(srgb.transformationToColorSpace(canvas.screen_profile.space))
    assert np.abs(shot(canvas) - visible(canvas, pixels(image))).max() <= 2
    canvas.screen_profile.choose(None)
    assert_shows(canvas, DOCUMENT)


def test_a_document_given_a_profile_is_shown_in_it(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    adobe = adobe_document()
    workspace.session.edit("Assign profile", lambda d: msgspec.structs.replace(d, icc=adobe.icc))
    settle(canvas)
    assert np.abs(shot(canvas) - visible(canvas, in_srgb(adobe))).max() <= 2


# -- screens of many pixels


def check_scaled() -> None:
    """Run in a process of its own, as the scale of the screen is the program's."""
    application = make_application()
    ratio = application.devicePixelRatio()
    assert ratio == float(os.environ["QT_SCALE_FACTOR"])
    workspace = Workspace(Preferences())
    # Among others, at a place that is no whole number of device pixels.
    window = QWidget()
    layout = QHBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    label = QLabel()
    label.setFixedWidth(41)
    canvas = Canvas(workspace, ScreenProfile())
    layout.addWidget(label)
    layout.addWidget(canvas, 1)
    window.resize(41 + 201, 133)
    window.show()
    workspace.add(Session(DOCUMENT, title="portrait"))
    for view in (View(centre=Point(200, 140)), View(zoom=3.0, centre=Point(170.4, 130))):
        canvas.set_view(view)
        settle(canvas)
        size = canvas.pane_size()
        assert size == Size(round(201 * ratio), round(133 * ratio)), size
        wanted = expected(canvas, DOCUMENT)
        assert np.array_equal(shot(canvas), wanted), f"alone at {view.zoom}"
        whole = shot(window)
        x = round(41 * ratio)
        seen = whole[:, x : x + round(size.width)]
        assert np.array_equal(seen, wanted[:, : seen.shape[1]]), f"in its window at {view.zoom}"
    session = workspace.session
    assert session is not None
    session.select("paint")
    paint_live(session, [(150, 100), (180, 120)], mask=False)
    settle(canvas)
    assert np.array_equal(shot(canvas), expected(canvas, session.document)), "after a stroke"
    workspace.close()
    window.close()
    print("as it should be")


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["1.5", "2", "1.25"])
def test_on_a_scaled_screen_100_percent_is_a_screen_pixel(scale, tmp_path):
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "QT_SCALE_FACTOR": scale,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join([str(root / "app"), str(root)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from tests.gui.test_picture_view import check_scaled; check_scaled()"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "as it should be", done.stderr[-3000:]


# -- anything, in any order


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_the_window_ends_as_one_newly_opened(qtbot, workspace, seed):
    rng = random.Random(seed)
    document = adobe_document() if seed % 2 else DOCUMENT
    fresh = Canvas(workspace, ScreenProfile())
    qtbot.addWidget(fresh)
    canvas = make_canvas(qtbot, workspace, document, (300, 200))
    session = workspace.session

    def opacity() -> None:
        session.set("texture.opacity", rng.random(), "Opacity")

    def drag_opacity() -> None:
        gesture = session.begin("Opacity")
        for _ in range(3):
            gesture.set("paint.opacity", rng.random())
            QApplication.processEvents()
        rng.choice([gesture.commit, gesture.cancel])()

    def stroke() -> None:
        mask = rng.random() < 0.5
        session.select("texture" if mask else "paint", "mask" if mask else "layer")
        paint_live(session, [(rng.random() * WIDTH, rng.random() * HEIGHT) for _ in range(3)], mask)

    def snapshot() -> None:
        session.snapshot(rng.choice("ab"))
        canvas.set_look(before=rng.choice(pictures.names(session)))

    def forget() -> None:
        for kept in session.history.snapshots[:1]:
            session.forget(kept.label)

    def look() -> None:
        nothing: dict[str, Any] = {"rubylith": False, "mask_of": None, "hidden_of": None, "filter": None}
        over: list[dict[str, Any]] = [
            {"rubylith": True},
            {"mask_of": ("texture", None)},
            {"hidden_of": "texture"},
            {"filter": ("texture", "high_pass")},
            {},
            {},
        ]
        canvas.set_look(**nothing | rng.choice(over))

    def view() -> None:
        turned = rng.choice([0.0, 0.0, 0.0, 15.0, 90.0])
        canvas.set_view(
            View(
                zoom=rng.choice([0.4, 1.0, 1.0, 2.0, 9.0]),
                centre=Point(rng.random() * WIDTH, rng.random() * HEIGHT),
                angle_deg=turned,
                flipped=rng.random() < 0.2,
            )
        )

    actions = [
        opacity,
        drag_opacity,
        stroke,
        snapshot,
        forget,
        look,
        view,
        session.undo,
        session.undo,
        session.redo,
        lambda: canvas.set_look(mode=rng.choice(["single", "side", "stack", "wipe"])),
        lambda: canvas.move_wipe(rng.random() * 300),
        lambda: canvas.hold_before(rng.random() < 0.3),
        lambda: canvas.resize(rng.randrange(100, 330), rng.randrange(80, 230)),
        lambda: session.set("texture.visible", rng.random() < 0.8, "Eye"),
        lambda: settle(canvas),
        QApplication.processEvents,
    ]
    for step in range(45):
        rng.choice(actions)()
        if step % 9 == 8:
            canvas.hold_before(False)
            settle(canvas)
            fresh.resize(canvas.size())
            fresh.show()
            look_now = msgspec.structs.asdict(canvas.look)
            fresh.set_look(**{k: v for k, v in look_now.items() if k not in ("view", "fitted")})
            fresh.set_view(canvas.view)
            fresh.show_all()
            settle(fresh)
            error = np.abs(shot(canvas).astype(int) - shot(fresh)).max()
            # Parts are brought into the screen's profile one by one.
            assert error <= (1 if seed % 2 else 0)
            fresh.hide()
