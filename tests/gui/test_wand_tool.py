"""The magic wand on the canvas."""

import pytest

from retexture.session.colour_selection import WandSettings, wand
from retexture.session.selections import combined
from tests.gui.selecting import DOCUMENT, Stage, same
from tests.gui.stage import SHIFT, make_canvas


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def test_the_wand_selects_by_colour(stage):
    stage.canvas.tool = stage.wand
    stage.state.set(wand=WandSettings(tolerance=20.0))
    stage.drag((150.5, 100.5))
    wanted = wand(DOCUMENT, 150, 100, WandSettings(tolerance=20.0), cache=stage.workspace.passing)
    assert same(stage.selection, wanted)
    stage.drag((30.5, 30.5), modifiers=SHIFT)
    more = wand(DOCUMENT, 30, 30, WandSettings(tolerance=20.0), cache=stage.workspace.passing)
    assert same(stage.selection, combined(wanted, more, "add"))


def test_the_wand_outside_the_picture_says_so(stage):
    stage.canvas.tool = stage.wand
    stage.drag((-5, 10))
    assert "Click inside the picture to select colours" in stage.messages[0]
    assert stage.session.document is DOCUMENT
