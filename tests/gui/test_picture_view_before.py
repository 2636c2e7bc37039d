"""Before and after: held, in two panes, and at a split line."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from retexture.session import pictures
from retexture.session.view import Point
from tests.gui.picture_stage import DOCUMENT, LABELLED, assert_shows
from tests.gui.stage import expected, make_canvas, set_view, settle, shot

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
