"""The brush's options, driven by mouse and keys: the brush that they report."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.declare import parameters
from retexture.gui.brush_options import BrushOptions
from retexture.session.brush import IDENTITY, Brush
from tests.gui.gestures import bring_up, click, drag, heard, move, press, release, wheel


@pytest.fixture
def options(qtbot: QtBot) -> BrushOptions:
    made = BrushOptions()
    bring_up(qtbot, made)
    return made


def test_every_number_and_switch_of_the_brush_is_there(options: BrushOptions) -> None:
    declared = {p.name: p.kind for p in parameters(Brush)}
    assert set(options.fields) == {name for name, kind in declared.items() if kind == "number"}
    assert set(options.pressure) == {name for name, kind in declared.items() if kind == "switch"}
    for name, field in options.fields.items():
        assert field.isVisible(), name
        assert field.value() == getattr(Brush(), name)


def test_typed_size(options: BrushOptions) -> None:
    brushes = heard(options.changed)
    edit = options.fields["size_px"].edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "350")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert brushes == [Brush(size_px=350)]
    assert options.brush == brushes[0]


def test_spacing_is_shown_and_typed_as_a_part_of_the_diameter(options: BrushOptions) -> None:
    edit = options.fields["spacing"].edit
    assert edit.text() == "10 %"
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "0")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "1 %"
    assert options.brush.spacing == 0.01


def test_scrubbed_flow_is_told_while_it_moves_and_escape_restores(options: BrushOptions) -> None:
    brushes = heard(options.changed)
    label = options.fields["flow"].label
    press(label, 10, 10)
    move(label, 0, 10)
    move(label, -20, 10)
    assert [round(brush.flow, 2) for brush in brushes] == [0.9, 0.7]
    QTest.keyClick(options.fields["flow"].edit, Qt.Key.Key_Escape)
    assert options.brush == brushes[-1] == Brush()
    release(label, -20, 10)
    assert options.brush == Brush()


def test_wheel_steps_the_field_that_has_the_focus(options: BrushOptions) -> None:
    edit = options.fields["hardness"].edit
    assert not wheel(edit, 5, 5, 1)
    edit.setFocus()
    assert wheel(edit, 5, 5, 3)
    assert options.brush.hardness == pytest.approx(0.03)


def test_pressure_switches(options: BrushOptions) -> None:
    brushes = heard(options.changed)
    assert options.pressure["opacity_pressure"].isChecked()
    click(options.pressure["size_pressure"])
    options.pressure["opacity_pressure"].setFocus()
    QTest.keyClick(options.pressure["opacity_pressure"], Qt.Key.Key_Space)
    assert brushes[-1] == Brush(size_pressure=True, opacity_pressure=False)


def test_brush_is_shown_without_a_signal(options: BrushOptions) -> None:
    brushes = heard(options.changed)
    curve = ((0.0, 0.0), (128.0, 200.0), (255.0, 255.0))
    brush = Brush(size_px=33, hardness=0.5, flow_pressure=True, pressure_curve=curve)
    options.set_brush(brush)
    assert brushes == []
    assert options.fields["size_px"].edit.text() == "33.0 px"
    assert options.pressure["flow_pressure"].isChecked()
    assert options.curve.value() == options.strip.curve == curve
    # What is changed next builds on it.
    click(options.pressure["size_pressure"])
    assert brushes == [msgspec.structs.replace(brush, size_pressure=True)]


def test_pressure_curve_and_its_strip(options: BrushOptions, qtbot: QtBot) -> None:
    brushes = heard(options.changed)
    click(options.more)
    assert options.popup.isVisible()
    plot = options.curve.plot
    start, end = plot.place((128, 128)), plot.place((128, 220))
    drag(plot, (start.x(), start.y()), (end.x(), end.y()))
    assert len(brushes[-1].pressure_curve) == 3
    assert brushes[-1].dab(0.5).ceiling > 0.8
    assert options.strip.curve == brushes[-1].pressure_curve
    click(options.curve.reset_button)
    assert brushes[-1].pressure_curve == IDENTITY
    QTest.keyClick(options.popup, Qt.Key.Key_Escape)
    assert not options.popup.isVisible()
