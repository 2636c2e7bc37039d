"""The options bar: which options a tool has, what a narrow bar leaves out, and the inks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QWidget
from pytestqt.qtbot import QtBot

from retexture.document.document import Document
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui.brush_options import OPTIONAL
from retexture.gui.tool_options import TOOLS, ToolOptions
from retexture.gui.workspace import Workspace
from retexture.session.session import Session
from tests.gui.gestures import bring_up, click, heard

SIZE = (64, 48)


def document() -> Document:
    mask = LayerMask(painted=RasterMask(tiles=Tiles(*SIZE)))
    return Document(
        width_px=SIZE[0],
        height_px=SIZE[1],
        layers=(
            FillLayer(key="grey", name="Grey"),
            FillLayer(key="masked", name="Masked", mask=mask),
            PaintLayer(key="paint", name="Paint", tiles=Tiles(*SIZE, background=(0, 0, 0, 0))),
        ),
    )


@pytest.fixture
def bar(qtbot: QtBot, workspace: Workspace) -> ToolOptions:
    session = Session(document(), title="test")
    session.select("masked", "mask")
    workspace.add(session)
    made = ToolOptions(workspace)
    made.resize(1400, 36)
    bring_up(qtbot, made)
    return made


def session_of(bar: ToolOptions) -> Session:
    assert bar.workspace.session is not None
    return bar.workspace.session


def test_click_on_white_swaps_it_with_black(bar: ToolOptions) -> None:
    ink = bar.ink_options
    told = heard(ink.white_changed)
    assert ink.mask_ink.isVisible()
    assert not ink.swatch.isVisible()
    click(ink.mask_ink)
    ink.mask_ink.setFocus()
    QTest.keyClick(ink.mask_ink, Qt.Key.Key_Space)
    assert told == [False, True]
    ink.set_white(False)
    assert told == [False, True]
    assert ink.mask_ink.accessibleName() == "Brush on masks: black"


def test_paint_layers_have_a_colour(bar: ToolOptions, qtbot: QtBot) -> None:
    ink = bar.ink_options
    session_of(bar).select("paint")
    assert ink.swatch.isVisible()
    assert not ink.mask_ink.isVisible()
    told = heard(ink.colour_changed)
    click(ink.swatch)
    dialog = bar.findChild(QColorDialog)
    assert isinstance(dialog, QColorDialog)
    dialog.setCurrentColor(QColor.fromRgbF(0.25, 0.5, 0.75))
    assert told[-1] == pytest.approx((0.25, 0.5, 0.75), abs=1 / 255)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert told[-1] == ink.colour == (1.0, 1.0, 1.0)
    qtbot.waitUntil(lambda: bar.findChild(QColorDialog) is None)


def test_each_tool_has_its_options(bar: ToolOptions) -> None:
    parts = {
        "brush": bar.brush_options.fields["size_px"],
        "gradient": bar._gradient_box,
        "zoom": bar._zoom_box,
        "ink": bar.ink_options,
        "mask": bar.mask_options,
    }
    wanted = {
        "brush": {"brush", "ink", "mask"},
        "eraser": {"brush", "ink", "mask"},
        "gradient": {"gradient", "ink", "mask"},
        "hand": {"zoom"},
        "zoom": {"zoom"},
        # The others' options are boxes that the window adds.
        **{tool: set() for tool in ("marquee", "lasso", "wand", "clone", "heal", "dodge")},
    }
    assert wanted.keys() == TOOLS.keys()
    for tool, names in wanted.items():
        bar.set_tool(tool)
        assert {name for name, part in parts.items() if part.isVisible()} == names, tool
        assert bar.name.text() == TOOLS[tool]


def test_a_box_is_shown_with_its_tools_and_the_brush_as_it_says(bar: ToolOptions) -> None:
    box, needs = QWidget(), [True]
    bar.add_box(box, ("clone", "heal"), lambda: needs[0])
    for tool, shown in (("clone", True), ("brush", False), ("heal", True)):
        bar.set_tool(tool)
        assert box.isVisible() == shown
        assert bar.brush_options.fields["size_px"].isVisible()
    needs[0] = False
    bar.set_tool("heal")
    assert not bar.brush_options.fields["size_px"].isVisible()


def test_gradient_and_zoom_options(bar: ToolOptions) -> None:
    kinds, fits, zooms = heard(bar.gradient_kind_changed), [], heard(bar.zoom_requested)
    bar.fit_requested.connect(lambda: fits.append(True))
    bar.set_tool("gradient")
    click(bar.findChild(QAbstractButton, "gradient_radial"))
    click(bar.findChild(QAbstractButton, "gradient_linear"))
    assert kinds == ["radial", "linear"]
    bar.set_tool("zoom")
    click(bar.findChild(QAbstractButton, "options_zoom_fit"))
    click(bar.findChild(QAbstractButton, "options_zoom_100"))
    assert (fits, zooms) == ([True], [1.0])


def test_narrow_bar_leaves_the_rarest_fields_out(bar: ToolOptions) -> None:
    def shown() -> list[str]:
        return [name for name in OPTIONAL if bar.brush_options.parts[name].isVisible()]

    assert shown() == list(OPTIONAL)
    for width in (1050, 900):
        bar.resize(width, 36)
        assert 0 < len(shown()) < len(OPTIONAL)
        assert shown() == list(OPTIONAL[-len(shown()) :])
        assert bar.mask_options.feather_button.geometry().right() <= bar.mask_options.width()
        assert bar.mask_options.geometry().right() <= bar.width()
    bar.resize(1400, 36)
    assert shown() == list(OPTIONAL)


def test_what_a_narrow_bar_leaves_out_is_in_the_popup(bar: ToolOptions) -> None:
    bar.resize(900, 36)
    options = bar.brush_options
    changed = heard(options.changed)
    out = [name for name in OPTIONAL if not options.parts[name].isVisible()]
    click(options.more)
    assert all(options.parts[name].isVisible() for name in OPTIONAL)
    assert [name for name in OPTIONAL if options.popup.isAncestorOf(options.parts[name])] == out
    edit = options.fields["smoothing"].edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "40")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert [brush.smoothing for brush in changed] == [0.4]
    options.popup.close()
    bar.resize(1400, 36)
    places = [options.parts[name].x() for name in ("hardness", "flow", "spacing", "smoothing")]
    assert places == sorted(places)
    assert options.more.x() > places[-1]
    assert not options.popup.findChildren(type(options.fields["smoothing"]))


def test_what_another_tool_has_no_room_for_is_left_out_at_once(bar: ToolOptions) -> None:
    box = QWidget()
    box.setFixedWidth(500)
    bar.add_box(box, ("heal",), lambda: True)
    bar.set_tool("heal")
    assert not bar.brush_options.fields["smoothing"].isVisible()
    assert box.geometry().right() <= bar.width()
    bar.set_tool("brush")
    assert bar.brush_options.fields["smoothing"].isVisible()


def test_names_and_hints(bar: ToolOptions) -> None:
    names = []
    for button in bar.findChildren(QAbstractButton):
        # Parts of editors have tests of their own.
        if button.parent() in (bar.brush_options.popup, bar.brush_options.curve, bar.mask_options.feather):
            continue
        assert button.objectName(), button
        assert button.accessibleName(), button.objectName()
        assert button.toolTip(), button.objectName()
        names.append(button.objectName())
    assert len(names) == len(set(names)) > 15
