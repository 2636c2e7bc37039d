"""What the window shows, pixel by pixel: the render, in its place, in the colours of the screen."""

import random
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from retexture.document.document import Source
from retexture.document.edits import delete_layer
from retexture.document.pixels import Pixels
from retexture.gui.canvas import Canvas
from retexture.gui.picture_painting import CHECKS
from retexture.gui.screen_profile import ScreenProfile
from retexture.render.render import render
from retexture.session import pictures
from retexture.session.session import Session
from retexture.session.view import Point, View
from tests.gui.picture_stage import DOCUMENT, HEIGHT, WIDTH, adobe_document, assert_shows, paint_live
from tests.gui.stage import expected, make_canvas, set_view, settle, shot
from tests.session.bench import area_average, make_document

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
