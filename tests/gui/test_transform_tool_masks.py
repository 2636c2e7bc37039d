"""Groups are transformed with all that is in them, and masks with their layers."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.document import find
from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui import gestures
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import layer_edits, selection_edits, selections, transform_box
from retexture.session.linked_masks import waiting_px
from retexture.session.session import Session
from retexture.session.view import Point
from tests.gui.stage import CTRL, RELEASE, SHIFT, expected, mouse, shot
from tests.gui.transforming import HEIGHT, WIDTH, at, begin, patch, place, press, pull, with_patch


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    return with_patch(window)


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
