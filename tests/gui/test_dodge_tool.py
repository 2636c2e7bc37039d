"""Dodge and burn by mouse on the canvas, and the view that it is judged in."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.document import find
from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer
from retexture.engine.modes import BlendMode
from retexture.files.images import read_image
from retexture.gui.brush_tool import PaintState
from retexture.gui.dodge_tool import DodgeOptions, DodgeState, DodgeTool
from retexture.gui.window import MainWindow
from retexture.render.cache import Cache
from retexture.render.render import render
from retexture.session import dodging, pictures
from retexture.session.export import ExportSettings, export
from retexture.session.session import Session
from tests.gui.stage import ALT, MOVE, PRESS, drag, expected, make_canvas, mouse, settle, shot
from tests.session.bench import make_document

WIDTH, HEIGHT = 403, 277
DOCUMENT = make_document(WIDTH, HEIGHT)


@pytest.fixture
def canvas(qtbot, workspace):
    made = make_canvas(qtbot, workspace, DOCUMENT)
    state = PaintState()
    state.take("dodge")
    made.tool = DodgeTool(state, DodgeState())
    return made


def grey_of(session):
    return find(session.document, "dodge_burn").tiles.to_array()[0].astype(int) - 32768


def test_the_brush_is_soft_with_a_low_flow_of_its_own():
    state = PaintState()
    plain = state.brush
    state.take("dodge")
    assert 0.01 <= state.brush.flow <= 0.05
    assert state.brush.hardness == 0
    state.take("brush")
    assert state.brush == plain


def test_strokes_lighten_and_with_alt_darken_the_layer_whichever_is_active(canvas, workspace):
    session = workspace.session
    dodging.new_layer(session)
    session.select("base")
    drag(canvas, (100, 60), (160, 60))
    assert grey_of(session).max() > 0
    assert grey_of(session).min() == 0
    assert session.history.versions[-1].label == "Dodge"
    drag(canvas, (100, 160), (160, 160), modifiers=ALT)
    assert grey_of(session).min() < 0
    assert session.history.versions[-1].label == "Burn"
    assert len(session.history.versions) == 4
    assert session.active == "base"
    assert find(session.document, "base") is find(DOCUMENT, "base")
    settle(canvas)
    assert np.array_equal(shot(canvas)[:, :20], expected(canvas, session.document)[:, :20])
    session.undo()
    session.undo()
    assert not grey_of(session).any()


def test_a_layer_filled_with_grey_by_hand_is_painted_on(canvas, workspace):
    session = workspace.session
    fill = FillLayer(key="grey", name="Grey", blend_mode=BlendMode.SOFT_LIGHT)
    session.edit("Fill", lambda document: insert_layer(document, fill), select="grey")
    before = session.document
    drag(canvas, (100, 60), (130, 60), (160, 60))
    planes = find(session.document, "grey").tiles.to_array()[0]
    assert planes.max() > planes.min() == 32768
    settle(canvas)
    assert np.array_equal(shot(canvas)[:, :20], expected(canvas, session.document)[:, :20])
    session.undo()
    assert session.document is before


def test_burn_is_chosen_in_the_options(qtbot, canvas, workspace):
    options = DodgeOptions(canvas.tool.dodging)
    qtbot.addWidget(options)
    options.show()
    dodging.new_layer(workspace.session)
    QTest.keyClick(options.mode, "B")
    options.mode.activated.emit(options.mode.currentIndex())
    drag(canvas, (100, 60), (160, 60))
    assert grey_of(workspace.session).max() == 0
    drag(canvas, (100, 160), (160, 160), modifiers=ALT)
    assert grey_of(workspace.session).max() > 0


def test_without_a_layer_the_user_is_told_how_to_add_one(qtbot, canvas, workspace):
    with qtbot.waitSignal(workspace.message) as told:
        drag(canvas, (100, 60), (160, 60))
    assert "Dodge and Burn Layer" in told.args[0]
    assert len(workspace.session.history.versions) == 1


def test_escape_takes_a_stroke_back(canvas, workspace):
    session = workspace.session
    dodging.new_layer(session)
    before = session.document
    mouse(canvas, PRESS, 100, 60)
    mouse(canvas, MOVE, 160, 60)
    assert grey_of(session).any()
    canvas.tool.cancel(canvas)
    assert session.document is before


def test_the_view_is_shown_and_never_in_the_document(canvas, workspace):
    session = workspace.session
    result = render(session.document)
    canvas.set_look(contrast=True)
    settle(canvas)
    seen = shot(canvas)[100:]  # the brush's outline is above
    assert (seen[..., 0] == seen[..., 1]).all()
    assert (seen[..., 1] == seen[..., 2]).all()
    assert np.array_equal(seen, expected(canvas, pictures.with_contrast(DOCUMENT))[100:])
    assert session.document is DOCUMENT
    assert np.array_equal(render(session.document), result)
    canvas.set_look(contrast=False)
    settle(canvas)
    assert np.array_equal(shot(canvas)[100:], expected(canvas, DOCUMENT)[100:])


# -- in the window


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    window.workspace.add(Session(DOCUMENT, title="portrait"))
    return window


def action(window, name):
    return next(a for c, a in window.actions_ if c.name == name)


def test_the_commands_add_what_the_tool_paints_on_and_take_it(window):
    session = window.session
    for name in ("new_dodge_burn_layer", "new_dodge_burn_curves"):
        window.set_tool("brush")
        action(window, name).trigger()
        assert window.canvas.tool is window.tools["dodge"]
    keys = [layer.key for layer in session.document.layers[-2:]]
    assert keys == ["dodge_burn", "dodge_burn_curves"]
    assert [v.label for v in session.history.versions[1:]] == [
        "New Dodge and Burn Layer",
        "New Dodge and Burn Curves",
    ]


def test_keys_take_the_tool_and_swap_it(window):
    QTest.keyClick(window.canvas, Qt.Key.Key_O)
    assert window.canvas.tool is window.tools["dodge"]
    assert not window.dodging.burn
    assert window.paint.brush.flow == 0.02
    QTest.keyClick(window.canvas, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert window.dodging.burn
    QTest.keyClick(window.canvas, Qt.Key.Key_B)
    QTest.keyClick(window.canvas, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert window.dodging.burn
    assert window.canvas.tool is window.tools["dodge"]


def test_an_export_has_nothing_of_the_view(window, tmp_path):
    action(window, "dodge_burn_view").trigger()
    assert window.canvas.look.contrast
    assert action(window, "dodge_burn_view").isChecked()
    path = tmp_path / "out.png"
    export(window.session.document, path, ExportSettings(format="png"), cache=Cache(1 << 24))
    seen = read_image(path).colour
    assert np.array_equal(seen, render(DOCUMENT)[:3])
    assert not np.array_equal(seen[0], seen[1])


def test_the_guides_step_takes_the_tool_at_its_low_flow(window):
    window.guide.page.dodge_requested.emit(25.0, True)
    assert window.canvas.tool is window.tools["dodge"]
    assert window.dodging.burn
    assert (window.paint.brush.size_px, window.paint.brush.flow) == (25, 0.02)
