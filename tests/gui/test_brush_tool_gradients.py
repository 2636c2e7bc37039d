"""Gradients on masks."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.gui.brush_tool import GradientTool
from retexture.session import masks
from tests.gui.brush_strokes import BLACK, DOCUMENT, brush_canvas, mask_of, strokes
from tests.gui.stage import RELEASE, drag, mouse, settle, shot


@pytest.fixture
def canvas(qtbot, workspace):
    return brush_canvas(qtbot, workspace)


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize("white", [True, False])
def test_a_gradient_runs_from_the_press_to_the_release(canvas, workspace, kind, white):
    session = workspace.session
    canvas.tool = GradientTool(canvas.tool.state)
    canvas.tool.kind = kind
    canvas.tool.state.set_white(white)
    drag(canvas, (60, 60), (100, 80), (220, 140))
    settle(canvas)
    a, b = (canvas.picture_point(*p) for p in ((60, 60), (220, 140)))
    wanted = masks.gradient(BLACK, a, b, float(white), float(not white), kind).to_array()[0]
    assert np.array_equal(mask_of(session), wanted)
    assert strokes(session) == ["Gradient"]
    ends = [mask_of(session)[int(p.y), int(p.x)] / 65535 for p in (a, b)]
    assert ends == pytest.approx([float(white), float(not white)], abs=0.02)
    session.undo()
    assert session.document is DOCUMENT


def test_a_gradient_is_given_up_by_esc_and_by_a_click(canvas, workspace):
    session = workspace.session
    canvas.tool = GradientTool(canvas.tool.state)
    drag(canvas, (60, 60), (220, 140), let_go=False)
    line = shot(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not np.array_equal(shot(canvas), line), "its line was shown"
    mouse(canvas, RELEASE, 220, 140)
    drag(canvas, (60, 60))
    settle(canvas)
    assert session.document is DOCUMENT
    assert session.gesture is None
    assert strokes(session) == []


def test_gradients_are_for_masks(canvas, workspace):
    told: list[Any] = []
    workspace.message.connect(told.append)
    workspace.session.select("paint")
    canvas.tool = GradientTool(canvas.tool.state)
    drag(canvas, (60, 60), (220, 140))
    settle(canvas)
    wanted = "Gradients are drawn on masks: click the layer's mask, or add one"
    assert [words.rstrip(".") for words in told] == [wanted]
    assert workspace.session.document is DOCUMENT
