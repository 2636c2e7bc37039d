"""The Move tool and the transform box by mouse and keys, in the window."""

from functools import partial
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, Source, find
from retexture.document.edits import replace_layer
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, PixelLayer, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Placement, Transform
from retexture.gui import gestures, place_file
from retexture.gui.app import wait_until_idle
from retexture.gui.transform_tool import _in_window
from retexture.gui.window import MainWindow
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import layer_edits, selection_edits, selections, transform_box
from retexture.session.linked_masks import waiting_px
from retexture.session.session import Session
from retexture.session.view import Point
from tests.gui.stage import ALT, CTRL, LEFT, MOVE, NONE, RELEASE, RIGHT, SHIFT, drag, expected, mouse, shot

WIDTH, HEIGHT = 400, 300


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    rng = np.random.default_rng(5)
    paint = np.zeros((4, HEIGHT, WIDTH), np.uint16)
    paint[:, 200:240, 20:90] = 50000
    document = Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        sources=(
            Source("base", "Base", Pixels(np.full((3, HEIGHT, WIDTH), 20000, np.uint16))),
            Source("patch", "Patch", Pixels(rng.integers(30000, 60000, (3, 80, 120), np.uint16))),
        ),
        layers=(
            PixelLayer(key="base", name="Base", source="base"),
            FillLayer(key="fill", name="Fill", colour=(0.2, 0.2, 0.2), opacity=0.1),
            PaintLayer(key="paint", name="Paint", tiles=Tiles.from_array(paint)),
            PixelLayer(key="patch", name="Patch", source="patch", x_px=100, y_px=80),
        ),
    )
    session = Session(document, title="one")
    window.workspace.add(session)
    session.select("patch")
    window.canvas.setFocus()
    window.canvas.zoom_to(1.0)
    wait_until_idle(window)
    return window


def place(window: MainWindow) -> Placement:
    found = window.transforming.place
    assert found is not None, "no box is shown"
    return found


def patch(window: MainWindow, key: str = "patch") -> PixelLayer:
    assert window.session is not None
    layer = find(window.session.document, key)
    assert isinstance(layer, PixelLayer)
    return layer


def at(window: MainWindow, point: Point, dx: float = 0, dy: float = 0) -> tuple[float, float]:
    """Return where a point of the picture lies in the canvas, in its own pixels."""
    where = _in_window(point, window.canvas) / window.canvas.devicePixelRatioF()
    return where.x() + dx, where.y() + dy


def pull(
    window: MainWindow, start: Point, dx: float, dy: float, modifiers=NONE, *, let_go: bool = True
) -> None:
    """Drag from a point of the picture by pixels of the screen, as at 100 %."""
    a, middle, b = at(window, start), at(window, start, dx / 2, dy / 2), at(window, start, dx, dy)
    drag(window.canvas, a, middle, b, modifiers=modifiers, let_go=let_go)
    if let_go:
        wait_until_idle(window)


def press(window: MainWindow, key: Qt.Key, modifiers=NONE) -> None:
    QTest.keyClick(window.canvas, key, modifiers)


def begin(window: MainWindow) -> None:
    press(window, Qt.Key.Key_T, CTRL)
    assert window.transforming.box is not None
    assert window.canvas.tool.name == "move"


def handle(window: MainWindow, index: int) -> Point:
    return transform_box.handles(place(window))[index]


def test_the_move_tool_moves_by_whole_pixels(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    assert window.canvas.tool.name == "move"
    pull(window, Point(150, 100), 31, -12)
    assert (patch(window).x_px, patch(window).y_px) == (131, 68)
    pull(window, Point(150, 100), 3, 40, SHIFT)
    assert (patch(window).x_px, patch(window).y_px) == (131, 108)
    assert window.session is not None
    assert [v.label for v in window.session.history.versions[1:]] == ["Move Patch", "Move Patch"]
    assert np.array_equal(shot(window.canvas), expected(window.canvas, window.session.document))


def test_that_a_selection_is_not_moved_alone_is_told(window: MainWindow, said: list[str]) -> None:
    assert window.session is not None
    selection_edits.select_all(window.session)
    note = "All of Patch moves, not what is selected: Ctrl+J puts that into a layer of its own first"
    press(window, Qt.Key.Key_V)
    pull(window, Point(150, 100), 31, -12)
    press(window, Qt.Key.Key_Left)
    begin(window)
    press(window, Qt.Key.Key_Escape)
    next(a for c, a in window.actions_ if c.name == "flip_horizontal").trigger()
    assert said == [note] * 4
    selection_edits.select(window.session, "Deselect", None)
    press(window, Qt.Key.Key_Left)
    assert said == [note] * 4


def test_esc_puts_back_what_is_being_moved(window: MainWindow) -> None:
    assert window.session is not None
    before = window.session.document
    press(window, Qt.Key.Key_V)
    pull(window, Point(150, 100), 30, 30, let_go=False)
    wait_until_idle(window)
    assert window.session.document is not before
    press(window, Qt.Key.Key_Escape)
    mouse(window.canvas, RELEASE, *at(window, Point(150, 100), 30, 30))
    assert window.session.document is before


def test_arrow_keys_nudge(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Up, SHIFT)
    assert (patch(window).x_px, patch(window).y_px) == (101, 70)


@pytest.mark.parametrize(("key", "words"), [("fill", "covers the whole picture"), ("base", "is locked")])
def test_what_cannot_be_moved_is_told(window: MainWindow, key: str, words: str, said: list[str]) -> None:
    assert window.session is not None
    if key == "base":
        window.session.set("base.locked", True, "Lock")
    window.session.select(key)
    before = window.session.document
    press(window, Qt.Key.Key_V)
    pull(window, Point(50, 50), 20, 20)
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_T, CTRL)
    assert window.session.document is before
    assert window.transforming.box is None
    assert all(words in each for each in said[-3:])


def test_a_corner_scales_and_enter_applies(window: MainWindow) -> None:
    assert window.session is not None
    begin(window)
    pull(window, handle(window, 2), 60, 40)
    assert patch(window).transform.scale_x == pytest.approx(1.5, abs=0.01)
    assert patch(window).transform.scale_y == pytest.approx(1.5, abs=0.02)
    steps = len(window.session.history.versions)
    press(window, Qt.Key.Key_Return)
    assert window.transforming.box is None
    assert len(window.session.history.versions) == steps + 1
    wait_until_idle(window)
    assert np.array_equal(shot(window.canvas), expected(window.canvas, window.session.document))
    window.session.undo()
    assert patch(window).transform.is_identity


def test_modifiers_of_the_handles(window: MainWindow) -> None:
    begin(window)
    centre = transform_box.centre(place(window))
    pull(window, handle(window, 2), 60, 0, SHIFT)
    t = place(window).transform
    assert t.scale_x == pytest.approx(t.scale_y)
    window.transforming.reset()
    pull(window, handle(window, 5), 30, 0, ALT)
    assert transform_box.centre(place(window)) == centre
    assert place(window).transform.scale_x == pytest.approx(1.5, abs=0.02)
    window.transforming.reset()
    pull(window, handle(window, 1), 20, -15, CTRL)
    t = place(window).transform
    assert (t.top_right_x_px, t.top_right_y_px) == (pytest.approx(20, abs=1), pytest.approx(-15, abs=1))
    window.transforming.reset()
    corner = handle(window, 1)
    pull(window, Point(corner.x + 40, corner.y), 0, 60, SHIFT)
    assert place(window).transform.angle_deg % 15 == 0
    assert place(window).transform.angle_deg > 0


def test_perspective_by_keys_moves_the_corner_beside_the_other_way(window: MainWindow) -> None:
    begin(window)
    pull(window, handle(window, 1), 20, 3, CTRL | ALT | SHIFT)
    assert place(window).transform.corners == ((-20, 0), (20, 0), (0, 0), (0, 0))
    window.transforming.reset()
    pull(window, handle(window, 1), 3, -20, CTRL | ALT | SHIFT)
    assert place(window).transform.corners == ((0, 0), (0, -20), (0, 20), (0, 0))


@pytest.mark.parametrize(
    ("name", "corners"),
    [
        ("distort", ((0, 0), (20, 3), (0, 0), (0, 0))),
        ("perspective", ((-20, 0), (20, 0), (0, 0), (0, 0))),
    ],
)
def test_the_menu_opens_the_box_for_what_it_says(
    window: MainWindow, name: str, corners: object, said: list[str]
) -> None:
    assert window.session is not None
    actions = {command.name: action for command, action in window.actions_}
    actions[name].trigger()
    assert "Drag a corner" in said[-1]
    pull(window, handle(window, 1), 20, 3)
    assert place(window).transform.corners == corners
    actions["scale"].trigger()  # the same box
    pull(window, handle(window, 4), 0, 10)
    assert place(window).transform.corners == corners
    assert place(window).transform.scale_y < 1
    press(window, Qt.Key.Key_Return)
    assert window.session.history.undo_label == name.capitalize()
    actions["rotate"].trigger()
    corner = handle(window, 1)
    pull(window, Point(corner.x + 40, corner.y), 0, 60)
    assert place(window).transform.angle_deg > 0
    assert window.transforming.way == "free"


@pytest.mark.parametrize("name", ["Scale", "Rotate", "Distort", "Perspective"])
def test_the_search_finds_the_transforms(window: MainWindow, name: str) -> None:
    window.find_command()
    QTest.keyClicks(window.search.findChild(QLineEdit, "command_search_field"), name.lower())
    assert window.search.findChild(QListView, "command_search_list").currentIndex().data() == name
    window.search.close()


def test_esc_gives_the_box_up(window: MainWindow) -> None:
    assert window.session is not None
    before = window.session.document
    begin(window)
    pull(window, handle(window, 0), -30, -30)
    assert window.session.document is not before
    kept = place(window).transform
    pull(window, handle(window, 0), -30, -30, let_go=False)
    wait_until_idle(window)
    assert place(window).transform != kept
    press(window, Qt.Key.Key_Escape)  # first the drag ...
    mouse(window.canvas, RELEASE, *at(window, Point(0, 0)))
    assert window.transforming.box is not None
    assert place(window).transform == kept
    press(window, Qt.Key.Key_Escape)  # ... then the box
    assert window.transforming.box is None
    assert window.session.document is before
    assert not window.session.modified


def type_number(window: MainWindow, name: str, text: str) -> None:
    edit = window.transform_options.fields[name].edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def test_numbers_are_typed(window: MainWindow, said: list[str]) -> None:
    begin(window)
    fields = window.transform_options.fields
    type_in = partial(type_number, window)
    type_in("width_percent", "50")
    t = place(window).transform
    assert (t.scale_x, t.scale_y) == (0.5, 0.5)
    QTest.mouseClick(window.transform_options.linked, LEFT)
    type_in("height_percent", "200")
    t = place(window).transform
    assert (t.scale_x, t.scale_y) == (0.5, 2)
    type_in("angle", "-90")
    type_in("x_px", "100")
    type_in("y_px", "40,5")
    assert place(window).transform.angle_deg == -90
    assert transform_box.centre(place(window)) == (100, 40.5)
    assert said == []
    type_in("width_percent", "0")
    assert place(window).transform.scale_x == 1 / 120, "of 120 px one is left"
    assert fields["width_percent"].edit.text() == "0.83 %"
    assert set(said) == {"Width was set to 0.83 %, the nearest there is"}
    type_in("width_percent", "20000")
    assert said[-1] == "Width was set to 10000 %, the nearest there is"
    QTest.mouseClick(window.transform_options.apply, LEFT)
    assert window.transforming.box is None
    assert patch(window).transform.angle_deg == -90
    assert window.canvas.hasFocus()


def test_a_number_below_0_mirrors_and_the_other_side_goes_along_as_shown(
    window: MainWindow, said: list[str]
) -> None:
    begin(window)
    fields = window.transform_options.fields
    type_number(window, "width_percent", "-50")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (0.5, True, 0.5, False)
    assert [fields[f"{side}_percent"].value() for side in ("width", "height")] == [-50, 50]
    type_number(window, "height_percent", "-25")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (0.25, True, 0.25, True)
    assert [fields[f"{side}_percent"].value() for side in ("width", "height")] == [-25, -25]
    type_number(window, "width_percent", "100")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (1, False, 1, True)
    assert said == []


def test_the_fields_are_there_with_the_box_alone(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    options = window.transform_options
    assert options.begin.isVisible()
    assert not options.fields["angle"].isVisible()
    QTest.mouseClick(options.begin, LEFT)
    assert not options.begin.isVisible()
    assert options.fields["angle"].isVisible()
    QTest.mouseClick(options.cancel, LEFT)
    assert options.begin.isVisible()


def test_the_right_button_turns_and_mirrors(window: MainWindow, qtbot: QtBot) -> None:
    begin(window)
    mouse(window.canvas, MOVE, *at(window, Point(150, 100)), held=False)
    QTest.mousePress(window.canvas, RIGHT, NONE, QPoint(*(round(v) for v in at(window, Point(150, 100)))))
    menu = next(m for m in window.canvas.findChildren(QMenu) if m.isVisible())
    names = {action.objectName() for action in menu.actions() if not action.isSeparator()}
    assert {
        "flip_horizontal_action",
        "turn_right_action",
        "transform_warp_action",
        "transform_reset_action",
    } <= names
    next(a for a in menu.actions() if a.objectName() == "flip_horizontal_action").trigger()
    menu.close()
    assert place(window).transform == Transform(flip_x=True)
    press(window, Qt.Key.Key_Return)
    assert window.session is not None
    assert np.array_equal(
        window.session.document.source("patch").colour.array,
        window.session.document.source(patch(window).source).colour.array,
    )


def test_the_menus_transforms_work_at_once(window: MainWindow) -> None:
    assert window.session is not None
    actions = {command.name: action for command, action in window.actions_}
    actions["turn_right"].trigger()
    assert patch(window).transform.angle_deg == 90
    assert window.session.history.undo_label == "Rotate 90° Clockwise"
    actions["reset_transform"].trigger()
    assert patch(window).transform.is_identity


def test_the_warp_is_bent_by_its_points(window: MainWindow) -> None:
    begin(window)
    QTest.mouseClick(window.transform_options.warp, LEFT)
    assert window.transforming.warping
    window.canvas.setFocus()
    pull(window, transform_box.warp_points(place(window))[5], 14, 9)
    mesh = place(window).transform.warp
    assert mesh is not None
    assert mesh[5] == (pytest.approx(14, abs=1), pytest.approx(9, abs=1))
    press(window, Qt.Key.Key_Return)
    assert patch(window).transform.warp == mesh
    press(window, Qt.Key.Key_T, CTRL)
    assert window.transforming.warping, "a warped layer shows its mesh again"


def test_another_tool_applies_it_and_undo_gives_it_up(window: MainWindow) -> None:
    assert window.session is not None
    begin(window)
    pull(window, handle(window, 2), 20, 20)
    press(window, Qt.Key.Key_B)
    assert window.transforming.box is None
    assert window.session.history.undo_label == "Free Transform"
    before = window.session.document
    begin(window)
    pull(window, handle(window, 2), 20, 20)
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.transforming.box is None
    assert window.session.document is before
    assert window.transform_options.begin.isVisible()


def test_paint_becomes_a_picture_and_the_window_says_so(window: MainWindow, said: list[str]) -> None:
    assert window.session is not None
    window.session.select("paint")
    begin(window)
    pull(window, handle(window, 2), 30, 30)
    press(window, Qt.Key.Key_Return)
    assert isinstance(find(window.session.document, "paint"), PixelLayer)
    assert any("is a picture now" in each for each in said)


def test_the_box_is_drawn_and_goes(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)  # a tool without an outline around the cursor
    wait_until_idle(window)
    before = shot(window.canvas)
    begin(window)
    wait_until_idle(window)
    assert not np.array_equal(shot(window.canvas), before)
    press(window, Qt.Key.Key_Escape)
    wait_until_idle(window)
    assert np.array_equal(shot(window.canvas), before)


# -- a picture placed


def placed_file(window: MainWindow, tmp_path: Path) -> Session:
    assert window.session is not None
    file = tmp_path / "wide.png"
    assert cv2.imwrite(str(file), np.full((600, 1600, 3), 200, np.uint8))
    place_file.place(window, window.session, file)
    wait_until_idle(window)
    return window.session


def test_a_placed_picture_is_fitted_into_the_box_and_enter_keeps_it(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    assert place(window).transform.scale_x == 0.25
    assert len(session.history.versions) == 1
    QTest.keyClick(window.canvas, Qt.Key.Key_Right)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    wait_until_idle(window)
    assert window.transforming.place is None
    assert [version.label for version in session.history.versions] == ["Open", "Place wide.png"]
    assert session.active == "wide"
    assert patch(window, "wide").transform.x_px == 1
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CTRL)
    assert session.active == "patch"
    assert len(session.document.sources) == 2


def test_esc_takes_a_placed_picture_away(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    wait_until_idle(window)
    assert len(session.history.versions) == 1
    assert len(session.document.layers) == 4
    assert session.active == "patch"


def test_another_edit_keeps_a_placed_picture(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    session.set("wide.opacity", 0.5, "Opacity")
    assert window.transforming.place is None
    labels = [version.label for version in session.history.versions]
    assert labels == ["Open", "Place wide.png", "Opacity"]


# -- groups, and masks


def test_a_group_is_scaled_by_its_box_and_says_that_it_cannot_be_warped(
    window: MainWindow, said: list[str]
) -> None:
    session = window.session
    assert session is not None
    layer_edits.group(session, ("paint", "patch"))
    wait_until_idle(window)
    group = session.active
    QTest.keyClick(window.canvas, Qt.Key.Key_T, CTRL)
    start = place(window)
    assert (start.x_px, start.y_px, start.width_px, start.height_px) == (20, 80, 200, 160)
    window.transform_options.warp.click()
    assert not window.transforming.warping
    assert not window.transform_options.warp.isChecked()
    assert "cannot be warped" in said[-1]
    pull(window, transform_box.handles(start)[2], -100, -80)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    wait_until_idle(window)
    assert patch(window).transform.scale_x == pytest.approx(0.5, abs=0.02)
    assert patch(window, "paint").transform.scale_x == pytest.approx(0.5, abs=0.02)
    assert "Paint is a picture now" in said[-1]
    labels = [version.label for version in session.history.versions]
    assert labels == ["Open", "Group Layers", "Free Transform"]
    assert session.active == group
    assert np.array_equal(shot(window.canvas), expected(window.canvas, session.document))


def test_a_dragged_layer_takes_its_mask_along(window: MainWindow) -> None:
    session = window.session
    assert session is not None
    ellipse = selections.ellipse((WIDTH, HEIGHT), (110, 90), (180, 140))
    selection_edits.select(session, "Ellipse", ellipse)
    selection_edits.add_mask(session, "patch")
    wait_until_idle(window)
    window.set_tool("move")
    before = render(session.document, Region(90, 70, 150, 110))
    pull(window, Point(150, 110), 40, 30)
    wait_until_idle(window)
    assert patch(window).x_px == 140
    after = render(session.document, Region(130, 100, 150, 110))
    # Where no paint lies.
    assert np.array_equal(after[:, :90], before[:, :90])


def with_mask(window: MainWindow) -> Session:
    session = window.session
    assert session is not None
    levels = np.zeros((1, HEIGHT, WIDTH), np.uint16)
    levels[:, 90:150, 110:190] = 65535
    layer = patch(window)
    masked = msgspec.structs.replace(layer, mask=LayerMask(painted=RasterMask(Tiles.from_array(levels))))
    session.edit("Mask", lambda document: replace_layer(document, "patch", masked))
    window.set_tool("move")
    window.canvas.setFocus()
    wait_until_idle(window)
    return session


def mask_of(session: Session) -> np.ndarray:
    mask = find(session.document, "patch").mask
    assert mask is not None
    assert mask.painted is not None
    return mask.painted.tiles.to_array()[0]


@pytest.mark.slow
def test_large_masks_are_worked_out_off_the_windows_thread(window: MainWindow, monkeypatch) -> None:
    monkeypatch.setattr(gestures, "AT_ONCE_PX", 0)
    session = with_mask(window)
    before = mask_of(session)
    pull(window, Point(150, 120), 30, 20, let_go=False)
    mouse(window.canvas, RELEASE, *at(window, Point(150, 120), 30, 20))
    assert session.gesture is not None
    wait_until_idle(window)
    assert session.gesture is None
    assert session.history.undo_label == "Move Patch"
    assert waiting_px(session.document) == 0
    assert np.array_equal(mask_of(session)[20:, 30:], before[:-20, :-30])
    assert np.array_equal(shot(window.canvas), expected(window.canvas, session.document))
    # Keys that follow before it is ready are of the same step; undo takes all of it back.
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Right)
    assert session.gesture is not None
    session.undo()
    wait_until_idle(window)
    assert session.history.undo_label == "Move Patch"
    for _ in range(3):
        press(window, Qt.Key.Key_Left, SHIFT)
    wait_until_idle(window)
    assert len(session.history.versions) == 4
    assert np.array_equal(mask_of(session)[20:], before[:-20])


def test_an_edit_does_not_overtake_a_mask_that_is_worked_out(window: MainWindow, monkeypatch) -> None:
    monkeypatch.setattr(gestures, "AT_ONCE_PX", 0)
    session = with_mask(window)
    begin(window)
    window.transforming.change(lambda place: transform_box.turned_to(place, 90))
    press(window, Qt.Key.Key_Return)
    assert session.gesture is not None
    layer_edits.set_visible(session, ("fill",), False)
    assert [v.label for v in session.history.versions] == ["Open", "Mask", "Free Transform", "Hide Fill"]
    wait_until_idle(window)
    assert len(session.history.versions) == 4
    assert np.array_equal(shot(window.canvas), expected(window.canvas, session.document))


def test_small_masks_are_moved_at_once(window: MainWindow) -> None:
    session = with_mask(window)
    press(window, Qt.Key.Key_Right)
    assert session.gesture is None
    assert session.history.undo_label == "Move Patch"
