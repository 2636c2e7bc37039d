"""The options bar, driven by mouse and keys: the brush that it reports, and the edits of masks that it sends."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from retexture.declare import parameters
from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui.tool_options import OPTIONAL, TOOLS, ToolOptions
from retexture.gui.workspace import Workspace
from retexture.session.brush import IDENTITY, Brush
from retexture.session.layer_edits import set_locked
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.gui.gestures import drag, move, press, release, wheel

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
def workspace(qtbot: QtBot) -> Iterator[Workspace]:
    made = Workspace(Preferences())
    yield made
    made.close()


@pytest.fixture
def bar(qtbot: QtBot, workspace: Workspace) -> ToolOptions:
    session = Session(document(), title="test")
    session.select("masked", "mask")
    workspace.add(session)
    made = ToolOptions(workspace)
    qtbot.addWidget(made)
    made.resize(1400, 36)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def session_of(bar: ToolOptions) -> Session:
    assert bar.workspace.session is not None
    return bar.workspace.session


def mask_of(bar: ToolOptions) -> LayerMask:
    mask = find(session_of(bar).document, "masked").mask
    assert mask is not None
    return mask


def levels(bar: ToolOptions) -> list[int]:
    painted = mask_of(bar).painted
    assert painted is not None
    return np.unique(painted.tiles.to_array()).tolist()


def steps(bar: ToolOptions) -> list[str]:
    return [version.label for version in session_of(bar).history.versions[1:]]


def heard(signal: Any) -> list[Any]:
    found: list[Any] = []
    signal.connect(found.append)
    return found


def click(widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


# -- the brush


def test_every_number_and_switch_of_the_brush_is_there(bar: ToolOptions) -> None:
    declared = {p.name: p.kind for p in parameters(Brush)}
    assert set(bar.fields) == {name for name, kind in declared.items() if kind == "number"}
    assert set(bar.pressure) == {name for name, kind in declared.items() if kind == "switch"}
    for name, field in bar.fields.items():
        assert field.isVisible(), name
        assert field.value() == getattr(Brush(), name)


def test_typed_size(bar: ToolOptions) -> None:
    brushes = heard(bar.brush_changed)
    edit = bar.fields["size_px"].edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "350")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert brushes == [Brush(size_px=350)]
    assert bar.brush == brushes[0]


def test_scrubbed_flow_is_told_while_it_moves_and_escape_restores(bar: ToolOptions) -> None:
    brushes = heard(bar.brush_changed)
    label = bar.fields["flow"].label
    press(label, 10, 10)
    move(label, 0, 10)
    move(label, -20, 10)
    assert [round(brush.flow, 2) for brush in brushes] == [0.9, 0.7]
    QTest.keyClick(bar.fields["flow"].edit, Qt.Key.Key_Escape)
    assert bar.brush == brushes[-1] == Brush()
    release(label, -20, 10)
    assert bar.brush == Brush()


def test_wheel_steps_the_field_that_has_the_focus(bar: ToolOptions) -> None:
    edit = bar.fields["hardness"].edit
    assert not wheel(edit, 5, 5, 1)
    edit.setFocus()
    assert wheel(edit, 5, 5, 3)
    assert bar.brush.hardness == pytest.approx(0.03)


def test_pressure_switches(bar: ToolOptions) -> None:
    brushes = heard(bar.brush_changed)
    assert bar.pressure["opacity_pressure"].isChecked()
    click(bar.pressure["size_pressure"])
    bar.pressure["opacity_pressure"].setFocus()
    QTest.keyClick(bar.pressure["opacity_pressure"], Qt.Key.Key_Space)
    assert brushes[-1] == Brush(size_pressure=True, opacity_pressure=False)


def test_brush_is_shown_without_a_signal(bar: ToolOptions) -> None:
    brushes = heard(bar.brush_changed)
    curve = ((0.0, 0.0), (128.0, 200.0), (255.0, 255.0))
    brush = Brush(size_px=33, hardness=0.5, flow_pressure=True, pressure_curve=curve)
    bar.set_brush(brush)
    assert brushes == []
    assert bar.fields["size_px"].edit.text() == "33.0 px"
    assert bar.pressure["flow_pressure"].isChecked()
    assert bar.curve.value() == bar.strip.curve == curve
    # What is changed next builds on it.
    click(bar.pressure["size_pressure"])
    assert brushes == [msgspec.structs.replace(brush, size_pressure=True)]


def test_pressure_curve_and_its_strip(bar: ToolOptions, qtbot: QtBot) -> None:
    brushes = heard(bar.brush_changed)
    click(bar.curve_button)
    assert bar.popup.isVisible()
    plot = bar.curve.plot
    start, end = plot.place((128, 128)), plot.place((128, 220))
    drag(plot, (start.x(), start.y()), (end.x(), end.y()))
    assert len(brushes[-1].pressure_curve) == 3
    assert brushes[-1].dab(0.5).ceiling > 0.8
    assert bar.strip.curve == brushes[-1].pressure_curve
    click(bar.curve.reset_button)
    assert brushes[-1].pressure_curve == IDENTITY
    QTest.keyClick(bar.popup, Qt.Key.Key_Escape)
    assert not bar.popup.isVisible()


# -- colours


def test_click_on_white_swaps_it_with_black(bar: ToolOptions) -> None:
    told = heard(bar.white_changed)
    assert bar.mask_ink.isVisible()
    assert not bar.swatch.isVisible()
    click(bar.mask_ink)
    bar.mask_ink.setFocus()
    QTest.keyClick(bar.mask_ink, Qt.Key.Key_Space)
    assert told == [False, True]
    bar.set_white(False)
    assert told == [False, True]
    assert bar.mask_ink.accessibleName() == "Brush on masks: black"


def test_paint_layers_have_a_colour(bar: ToolOptions, qtbot: QtBot) -> None:
    session_of(bar).select("paint")
    assert bar.swatch.isVisible()
    assert not bar.mask_ink.isVisible()
    told = heard(bar.colour_changed)
    click(bar.swatch)
    dialog = bar.findChild(QColorDialog)
    assert isinstance(dialog, QColorDialog)
    dialog.setCurrentColor(QColor.fromRgbF(0.25, 0.5, 0.75))
    assert told[-1] == pytest.approx((0.25, 0.5, 0.75), abs=1 / 255)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert told[-1] == bar.colour == (1.0, 1.0, 1.0)
    qtbot.waitUntil(lambda: bar.findChild(QColorDialog) is None)


# -- tools


def test_each_tool_has_its_options(bar: ToolOptions) -> None:
    parts = {
        "brush": bar.fields["size_px"],
        "gradient": bar._gradient_box,
        "zoom": bar._zoom_box,
        "ink": bar._ink_box,
        "mask": bar._mask_box,
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
        assert bar.fields["size_px"].isVisible()
    needs[0] = False
    bar.set_tool("heal")
    assert not bar.fields["size_px"].isVisible()


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
        return [name for name in OPTIONAL if bar.parts[name].isVisible()]

    assert shown() == list(OPTIONAL)
    for width in (1050, 900):
        bar.resize(width, 36)
        assert 0 < len(shown()) < len(OPTIONAL)
        assert shown() == list(OPTIONAL[-len(shown()) :])
        assert bar.mask_feather.geometry().right() <= bar._mask_box.width()
        assert bar._mask_box.geometry().right() <= bar.width()
    bar.resize(1400, 36)
    assert shown() == list(OPTIONAL)


def test_what_another_tool_has_no_room_for_is_left_out_at_once(bar: ToolOptions) -> None:
    box = QWidget()
    box.setFixedWidth(500)
    bar.add_box(box, ("heal",), lambda: True)
    bar.set_tool("heal")
    assert not bar.fields["smoothing"].isVisible()
    assert box.geometry().right() <= bar.width()
    bar.set_tool("brush")
    assert bar.fields["smoothing"].isVisible()


# -- masks


def test_mask_buttons_are_for_layers_with_a_mask(bar: ToolOptions) -> None:
    session = session_of(bar)
    assert all(button.isEnabled() for button in bar._mask_buttons)
    session.select("grey")
    assert not any(button.isEnabled() for button in bar._mask_buttons)
    session.select("masked")
    set_locked(session, ("masked",), True)
    enabled = {button for button in bar._mask_buttons if button.isEnabled()}
    assert enabled == {bar.rubylith, bar.mask_view}
    bar.feather.enter(9.0)
    assert mask_of(bar).painted.feather_px == bar.feather.value() == 0


def test_invert_disable_and_fill_are_one_step_each(bar: ToolOptions) -> None:
    click(bar.mask_invert)
    assert levels(bar) == [65535]
    click(bar.mask_off)
    assert not mask_of(bar).enabled
    assert bar.mask_off.isChecked()
    click(bar.mask_fill)
    menu = bar.findChild(QMenu, "mask_fill_menu")
    assert isinstance(menu, QMenu)
    black = next(a for a in menu.actions() if a.objectName() == "mask_fill_black_action")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(black).center())
    assert levels(bar) == [0]
    assert steps(bar) == ["Invert mask", "Disable Layer Mask", "Fill black"]
    assert session_of(bar).target == "mask"
    for _ in range(3):
        session_of(bar).undo()
    assert not bar.mask_off.isChecked()


def test_overlays_are_asked_for(bar: ToolOptions) -> None:
    films = heard(bar.rubylith_toggled)
    views: list[tuple[str, str | None]] = []
    bar.mask_view_requested.connect(lambda *what: views.append(what))
    gradients: list[bool] = []
    bar.gradient_requested.connect(lambda: gradients.append(True))
    click(bar.rubylith)
    click(bar.mask_view)
    click(bar.mask_gradient)
    assert (films, views, gradients) == ([True], [("masked", None)], [True])
    assert not bar.mask_view.isChecked()  # it shows what the window says
    bar.set_mask_view(True)
    bar.set_rubylith(False)
    assert (bar.mask_view.isChecked(), bar.rubylith.isChecked()) == (True, False)


def test_feather_is_one_step_and_escape_restores(bar: ToolOptions) -> None:
    click(bar.mask_feather)
    assert bar.feather_popup.isVisible()
    slider = bar.feather.slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(0), y), (slider.x_of(0.2), y), (slider.x_of(0.4), y))
    painted = mask_of(bar).painted
    assert painted is not None
    assert painted.feather_px > 1
    assert steps(bar) == ["Mask feather"]
    press(slider, slider.x_of(0.4), y)
    move(slider, slider.x_of(0.8), y)
    QTest.keyClick(bar.feather.edit, Qt.Key.Key_Escape)
    assert mask_of(bar).painted == painted
    session_of(bar).undo()
    assert bar.feather.value() == 0
    bar.feather_popup.hide()


def test_names_and_hints(bar: ToolOptions) -> None:
    names = []
    for button in bar.findChildren(QAbstractButton):
        # Parts of editors have tests of their own.
        if button.parent() in (bar.popup, bar.curve, bar.feather):
            continue
        assert button.objectName(), button
        assert button.accessibleName(), button.objectName()
        assert button.toolTip(), button.objectName()
        names.append(button.objectName())
    assert len(names) == len(set(names)) > 15
